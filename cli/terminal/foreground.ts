import { EngineRequestError } from '../../core/error';
import type { WaitCondition } from '../../core/engine/containers';
import type { CommandContext } from '../command';
import { followSize, joinSession, terminalSize } from './session';
import { proxySignals } from './signals';

export interface ForegroundOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  readonly detachKeys: string | undefined;
  readonly proxySignals: boolean;
  readonly condition: WaitCondition;
  /** Called right after the start was answered, with its duration in milliseconds. */
  readonly onStarted?: (milliseconds: number) => void;
}

/**
 * Attaches to a container that is not running yet, starts it, and stays until it ends or the user detaches.
 * Resolves with the container's exit code, 0 after a detach.
 * @throws EngineRequestError when it cannot be started (`startExitCode` has the shell's code for it)
 */
export async function runInForeground(
  context: CommandContext,
  id: string,
  options: ForegroundOptions,
): Promise<number> {
  const { containers } = context.client;
  const stop = new AbortController();
  // Ctrl-C ends the preparations; once the signals are taken over it is the container's.
  const signal = AbortSignal.any([stop.signal, context.signal]);
  const attaching = containers.attach(id, {
    stdin: options.stdin,
    stdout: options.stdout,
    stderr: options.stderr,
    detachKeys: options.detachKeys,
    signal,
  });
  // Both must stand before the start: a process may end, and speak, within the next millisecond.
  const [attached, waiting] = await Promise.all([
    attaching,
    containers.wait(id, { condition: options.condition, signal }),
  ]).catch((error: unknown) => {
    // The one that did succeed must not keep the process alive.
    stop.abort();
    throw error;
  });
  // Told by the await below, unless a failed start comes first.
  waiting.exit.catch(() => undefined);
  context.takeSignals();
  const stopProxy = options.proxySignals
    ? proxySignals((name) => containers.kill(id, name), context.err)
    : () => undefined;
  const session = joinSession(context, attached, options);
  session.catch(() => undefined);
  let stopResizing: () => void = () => undefined;
  try {
    const before = performance.now();
    try {
      await containers.start(id);
    } catch (error) {
      stop.abort();
      await session.catch(() => undefined);
      throw error;
    }
    options.onStarted?.(performance.now() - before);
    if (options.tty && terminalSize(context) !== undefined) {
      stopResizing = followSize(context, (size) => containers.resize(id, size));
    }
    if ((await session) === 'detached') {
      stop.abort();
      context.err.write('read escape sequence\n');
      return 0;
    }
    const { StatusCode, Error: failure } = await waiting.exit;
    if (failure?.Message !== undefined && failure.Message !== '') context.err.write(`${failure.Message}\n`);
    return StatusCode;
  } finally {
    stopResizing();
    stopProxy();
  }
}

/** The exit code that says why a container could not be started: 127 no such program, 126 not executable, else 125. */
export function startExitCode(error: unknown): number {
  if (!(error instanceof EngineRequestError)) return 125;
  if (/executable file not found|no such file or directory/.test(error.message)) return 127;
  if (/permission denied|is a directory/.test(error.message)) return 126;
  return 125;
}
