/** Runs a command; its output is shown only when it fails, so that a set-up that works is quiet. */
import { spawnSync } from 'node:child_process';

export class Failure extends Error {}

/**
 * @param {string} what said while it runs, e.g. "Installing packages (g++, make)"; undefined = silent
 * @param {string[]} argv
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean}} [options] show: let the output through
 */
export function run(what, argv, options = {}) {
  const started = Date.now();
  if (what !== undefined) process.stderr.write(`berth: ${what} … `);
  const result = spawnSync(argv[0], argv.slice(1), {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: options.show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  if (result.error !== undefined || result.status !== 0) {
    if (what !== undefined) process.stderr.write('failed\n');
    const output = options.show ? '' : `${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd();
    throw new Failure(
      `${argv.join(' ')}\n${output}\n${result.error?.message ?? `exited with ${result.status ?? result.signal}`}`,
    );
  }
  if (what !== undefined) process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return options.show ? '' : result.stdout.toString();
}

/** Runs `main` and turns a Failure into a message and exit code 1. */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`berth: ${error instanceof Failure ? error.message : (error?.stack ?? error)}\n`);
    process.exitCode = 1;
  }
}
