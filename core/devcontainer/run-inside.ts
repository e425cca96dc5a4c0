import { StringDecoder } from 'node:string_decoder';
import type { EngineClient } from '../engine/client';
import type { RunningExec } from '../engine/execs';

export interface InsideCommand {
  readonly command: readonly string[];
  readonly user: string;
  readonly folder: string;
  /** `NAME=value` */
  readonly environment: readonly string[];
}

/** How long a command has to end after Ctrl-C, before the connection to it is cut. */
const grace = 3_000;

/**
 * Runs a command on a terminal of its own inside a container and hands its output on as it comes.
 * An aborted signal is a Ctrl-C for it, then a Ctrl-\; the promise rejects with the signal's reason once it has ended.
 * @returns its exit code
 */
export async function runInside(
  engine: EngineClient,
  container: string,
  { command, user, folder, environment }: InsideCommand,
  output: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  signal?.throwIfAborted();
  // The signal is not given to the exec: it would cut the connection and leave the command running.
  const running = await engine.spawn(container, {
    command,
    user,
    workingDirectory: folder,
    environment,
    tty: true,
    stdin: true,
    size: { rows: 24, columns: 120 },
  });
  const decoder = new StringDecoder('utf8');
  running.stdout.on('data', (chunk: Buffer) => output(decoder.write(chunk)));
  running.stderr.resume();
  const interrupt = (): void => void end(running);
  signal?.addEventListener('abort', interrupt, { once: true });
  if (signal?.aborted === true) interrupt();
  try {
    const exitCode = await running.exitCode;
    signal?.throwIfAborted();
    return exitCode;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', interrupt);
    running.stdin.end();
  }
}

async function end(running: RunningExec): Promise<void> {
  const ended = running.exitCode.then(
    () => true,
    () => true,
  );
  for (const key of ['\x03', '\x1c']) {
    running.stdin.write(key);
    if (await Promise.race([ended, after(grace)])) return;
  }
  running.stdout.destroy();
  running.stdin.destroy();
}

const after = (milliseconds: number): Promise<false> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(false), milliseconds).unref();
  });
