import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keepAliveCommand } from '../../../../core/devcontainer/keep-alive';

const shells = [['/bin/dash'], ['/bin/bash', '--posix'], ['/bin/bash'], ['/bin/busybox', 'sh']].filter(
  ([path]) => existsSync(path!),
);

describe('keepAliveCommand', () => {
  for (const shell of shells) {
    for (const path of ['/usr/bin:/bin', '/nowhere']) {
      it(`stays, and ends at SIGTERM: ${shell.join(' ')}, PATH=${path}`, async () => {
        const { Cmd } = keepAliveCommand([], undefined);
        const child = spawn(shell[0]!, Cmd, {
          argv0: shell[1]!,
          env: { PATH: path },
          stdio: ['pipe', 'ignore', 'ignore'],
          detached: true,
        });
        try {
          await expect.poll(() => catchesTerm(child.pid!)).toBe(true);
          expect(child.exitCode).toBeNull();
          const exited = once(child, 'exit');
          child.kill('SIGTERM');
          expect((await exited)[0]).toBe(0);
        } finally {
          try {
            process.kill(-child.pid!, 'SIGKILL');
          } catch {
            // All of it has ended.
          }
        }
      });
    }
  }

  it('runs the entrypoints of Features, then the image’s own command where it is not overridden', () => {
    const { Entrypoint, Cmd } = keepAliveCommand(['echo feature'], ['/bin/echo', 'image', 'a b']);
    const { stdout } = spawnSync(Entrypoint[0]!, Cmd, { encoding: 'utf8' });
    expect(stdout).toBe('Container started\nfeature\nimage a b\n');
  });
});

/** As the first process of a namespace only a shell with a handler of its own hears SIGTERM. */
function catchesTerm(pid: number): boolean {
  const mask = /^SigCgt:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${mask}`) & (1n << 14n)) !== 0n;
}
