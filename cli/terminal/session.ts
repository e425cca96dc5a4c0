import { once } from 'node:events';
import { copyOutput, type AttachedStream } from '../../core/engine/stdcopy';
import type { CommandContext } from '../command';
import { DetachScanner, parseDetachKeys } from './detach-keys';

export interface SessionOptions {
  readonly stdin: boolean;
  /** There is a terminal inside; input is passed key by key. */
  readonly tty: boolean;
  /** Undefined: ctrl-p,ctrl-q. Only with a tty. */
  readonly detachKeys: string | undefined;
}

export type SessionEnd = 'ended' | 'detached';

/**
 * Joins this process's standard streams to a container's until its output ends or the user types the detach keys.
 * The local terminal is raw meanwhile when both sides have one, and is restored whatever happens.
 */
export async function joinSession(
  context: CommandContext,
  attached: AttachedStream,
  options: SessionOptions,
): Promise<SessionEnd> {
  const raw = options.tty && options.stdin && context.in.isTTY === true;
  const scanner = new DetachScanner(parseDetachKeys(options.detachKeys ?? 'ctrl-p,ctrl-q'));
  const { stream } = attached;
  let end: SessionEnd = 'ended';
  let input: Promise<void> | undefined;
  const stopInput = new AbortController();
  if (raw) context.in.setRawMode?.(true);
  try {
    if (options.stdin) {
      input = forwardInput(context, attached, raw ? scanner : undefined, stopInput.signal, () => {
        end = 'detached';
        stream.destroy();
      });
    } else stream.end();
    await copyOutput(attached, context.out, context.err);
  } catch (error) {
    // Destroying the stream is how a detach ends the copying.
    if ((end as SessionEnd) !== 'detached') throw error;
  } finally {
    stopInput.abort();
    if (raw) context.in.setRawMode?.(false);
    context.in.pause();
    unreference(context.in);
    await input;
  }
  return end;
}

async function forwardInput(
  context: CommandContext,
  attached: AttachedStream,
  scanner: DetachScanner | undefined,
  signal: AbortSignal,
  detach: () => void,
): Promise<void> {
  const { stream } = attached;
  // The process inside may end or close its input before we have sent all: then there is nobody to send it to.
  stream.on('error', () => undefined);
  const onData = (chunk: Buffer) => {
    const { pass, detached } = scanner?.scan(chunk) ?? { pass: chunk, detached: false };
    if (pass.length > 0 && !stream.destroyed && !stream.write(pass)) {
      context.in.pause();
      stream.once('drain', () => context.in.resume());
    }
    if (detached) detach();
  };
  const onEnd = () => stream.end();
  context.in.on('data', onData);
  context.in.once('end', onEnd);
  context.in.resume();
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  context.in.off('data', onData);
  context.in.off('end', onEnd);
}

/** Standard input that nobody reads any more must not keep the process alive. */
function unreference(input: CommandContext['in']): void {
  if ('unref' in input && typeof input.unref === 'function') (input.unref as () => void)();
}

/** The local terminal's size, if there is one. */
export function terminalSize(context: CommandContext): { rows: number; columns: number } | undefined {
  const { rows, columns } = context.out;
  return context.out.isTTY === true && rows !== undefined && columns !== undefined && rows > 0
    ? { rows, columns }
    : undefined;
}

/**
 * Keeps a tty inside as large as the local terminal; returns how to stop. The first try may come before the pty exists,
 * so it is repeated a few times, a little later each time (docker's own clients do the same).
 */
export function followSize(
  context: CommandContext,
  resize: (size: { rows: number; columns: number }) => Promise<void>,
): () => void {
  const apply = async () => {
    const size = terminalSize(context);
    if (size !== undefined) await resize(size);
  };
  const first = async () => {
    for (let attempt = 1; attempt <= 10; attempt++) {
      try {
        await apply();
        return;
      } catch {
        await once(AbortSignal.timeout(10 * attempt), 'abort');
      }
    }
  };
  const onResize = () => {
    apply().catch(() => undefined);
  };
  void first();
  context.out.on('resize', onResize);
  return () => context.out.off('resize', onResize);
}
