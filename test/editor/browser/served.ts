/** A server program of the editor as a child: started, awaited, and never left behind. */
import { spawn } from 'node:child_process';

export interface Served {
  /** What its listening line said: the first group of the pattern. */
  readonly where: string;
  /** Everything it wrote so far. */
  output(): string;
  /** Ends it and all it started; resolves when they are gone. */
  stop(): Promise<void>;
}

export interface ServeOptions {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly listening: RegExp;
  readonly cwd?: string;
  readonly identity?: { readonly uid: number; readonly gid: number };
  readonly milliseconds?: number;
}

export async function serve(options: ServeOptions): Promise<Served> {
  // A process group of its own, so that what the server starts ends with it; and the kernel ends the server when the
  // test's process dies without being able to.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...options.argv], {
    env: options.env,
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...options.identity,
  });
  let output = '';
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const killNow = () => kill('SIGKILL');
  process.once('exit', killNow);
  const killAndEnd = () => {
    killNow();
    process.exit(143);
  };
  process.once('SIGTERM', killAndEnd);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const where = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => {
      killNow();
      reject(new Error(`${options.argv.join(' ')}: ${why}\n${output}`));
    };
    const deadline = setTimeout(() => fail('does not listen in time'), options.milliseconds ?? 60_000);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const found = options.listening.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(deadline);
      resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => {
      clearTimeout(deadline);
      fail(`ended with ${code ?? signal ?? 'nothing'}`);
    });
  });
  return {
    where,
    output: () => output,
    stop: async () => {
      kill('SIGTERM');
      const forced = setTimeout(killNow, 5_000);
      await closed;
      clearTimeout(forced);
      killNow();
      process.off('exit', killNow);
      process.off('SIGTERM', killAndEnd);
    },
  };
}
