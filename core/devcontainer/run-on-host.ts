import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { CommandWords, LifecycleCommand } from './configuration';
import { LifecycleError } from './error';
import { LastLines } from './last-lines';

export interface HostCommandOptions {
  readonly folder: string;
  readonly localEnv: Readonly<Record<string, string | undefined>>;
  readonly output: (stage: string, text: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs `initializeCommand` on this machine, in the workspace folder. Whoever calls this has the user's agreement.
 * Throws LifecycleError, or the signal's reason; then the command's whole process group has been ended.
 */
export async function runInitializeCommand(
  command: LifecycleCommand,
  options: HostCommandOptions,
): Promise<void> {
  const entries = namedCommands('initializeCommand', command);
  const outcomes = await Promise.allSettled(entries.map(([stage, words]) => runWords(stage, words, options)));
  options.signal?.throwIfAborted();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** A command's parts, with the names under which they are told of: the property, with `.name` for an entry of an object. Empty ones are left out. */
export function namedCommands(
  stage: string,
  command: LifecycleCommand,
): [stage: string, words: CommandWords][] {
  const parts: [string, CommandWords][] =
    typeof command === 'string' || Array.isArray(command)
      ? [[stage, command]]
      : Object.entries(command).map(([name, words]) => [`${stage}.${name}`, words]);
  return parts.filter(([, words]) => (typeof words === 'string' ? words.trim() !== '' : words.length > 0));
}

/** The command as one reads it. */
export function describeCommand(command: LifecycleCommand): string {
  return namedCommands('', command)
    .map(([, words]) => (typeof words === 'string' ? words : words.join(' ')))
    .join('\n');
}

export function commandLine(words: CommandWords): string[] {
  return typeof words === 'string' ? ['/bin/sh', '-c', words] : words;
}

async function runWords(stage: string, words: CommandWords, options: HostCommandOptions): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const [file = '', ...rest] = commandLine(words);
  // A group of its own: what the command has started ends with it.
  const child = spawn(file, rest, {
    cwd: options.folder,
    env: options.localEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const last = new LastLines();
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => {
      const text = decoder.write(chunk);
      last.add(text);
      options.output(stage, text);
    });
  }
  const stop = (): void => {
    if (child.pid !== undefined) endGroup(child.pid);
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, killedBy) => resolve(exitCode ?? (killedBy === null ? 1 : 128)));
    });
    signal?.throwIfAborted();
    if (code !== 0) throw new LifecycleError(stage, code, last.get(), undefined, next);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof LifecycleError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LifecycleError(stage, undefined, [reason], undefined, next, { cause: error });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

const next =
  'It runs on this machine, before anything is made. Correct it in devcontainer.json and try again.';

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGTERM');
  } catch (error) {
    // It has just ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
