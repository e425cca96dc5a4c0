/** Runs a client as a user would and gives back what it said. */
import { spawn } from 'node:child_process';

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param milliseconds after which it is killed and the test fails with what it had said so far */
export function run(
  argv: readonly string[],
  options: {
    env?: NodeJS.ProcessEnv;
    cwd?: string;
    input?: string | Buffer;
    milliseconds?: number;
    uid?: number;
    gid?: number;
  } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const [command = '', ...rest] = argv;
    const identity = options.uid === undefined ? {} : { uid: options.uid, gid: options.gid ?? options.uid };
    const child = spawn(command, rest, {
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...identity,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const limit = options.milliseconds ?? 60_000;
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`still running after ${limit} ms: ${argv.join(' ')}\n${stdout}\n${stderr}`));
    }, limit);
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on('error', () => undefined); // a client may end without reading its input
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code, signal, stdout, stderr });
    });
    child.stdin.end(options.input ?? '');
  });
}
