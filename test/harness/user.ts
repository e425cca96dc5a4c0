/** The unprivileged developer of the tests: a real account, since as root every proof of ownership passes by itself. */
import { execFileSync, spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';

export const dev = { name: 'dev', uid: 12345, gid: 12345 } as const;

/** Makes the account when it is missing (home /home/dev). */
export function ensureDeveloper(): void {
  const known = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('dev:'));
  if (known === undefined)
    execFileSync('useradd', [
      '--create-home',
      '--uid',
      String(dev.uid),
      '--user-group',
      '--shell',
      '/bin/bash',
      dev.name,
    ]);
  else if (!known.startsWith(`dev:x:${dev.uid}:`))
    throw new Error(`the account "dev" exists with another uid: ${known}`);
}

/** Runs a command as the developer, with no privilege and no group of root's. */
export function asDeveloper(
  argv: readonly string[],
  options: SpawnSyncOptions = {},
): { status: number | null; stdout: string; stderr: string } {
  ensureDeveloper();
  const [command = '', ...rest] = argv;
  const wrapped = [
    '--reuid',
    String(dev.uid),
    '--regid',
    String(dev.gid),
    '--clear-groups',
    '--inh-caps=-all',
    '--',
    command,
    ...rest,
  ];
  const result = spawnSync('setpriv', wrapped, {
    encoding: 'utf8',
    ...options,
    env: { HOME: '/home/dev', ...options.env },
  });
  return { status: result.status, stdout: String(result.stdout), stderr: String(result.stderr) };
}
