/** An exec's environment: the container's with its own on top; a bare name takes a variable away, as with Docker. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { run } from '../harness/run';

let daemon: TestDaemon;
const docker = (...words: string[]) => run(['docker', ...words], { env: daemon.env });

beforeAll(async () => {
  daemon = await startDaemon();
  const env = ['-e', 'KEPT=1', '-e', 'GONE=1', '-e', 'OVER=1'];
  await docker('run', '-d', '--name', 'one', ...env, 'berth/base', 'sleep', '600');
});
afterAll(async () => {
  await daemon.stop();
});

it.each([
  ['what the container has', [], ['GONE=1', 'KEPT=1', 'OVER=1']],
  ['a bare name', ['-e', 'GONE', '-e', 'OVER=2', '-e', 'NEVER'], ['KEPT=1', 'OVER=2']],
  ['a name that comes back', ['-e', 'GONE', '-e', 'GONE=3'], ['GONE=3', 'KEPT=1', 'OVER=1']],
  ['an empty value', ['-e', 'GONE='], ['GONE=', 'KEPT=1', 'OVER=1']],
])('%s', async (_name, options, expected) => {
  const { stdout } = await docker('exec', ...options, 'one', 'env');
  const seen = stdout.split('\n').filter((line) => /^(KEPT|GONE|OVER|NEVER)\b/.test(line));
  expect(seen.sort()).toEqual(expected);
});

it('no variable without a value reaches the command', async () => {
  const made = await call(daemon.socket, 'POST', '/containers/one/exec', {
    AttachStdout: true,
    Cmd: ['cp', '/proc/self/environ', '/tmp/environment'],
    Env: ['BARE', 'GONE'],
  });
  const { Id } = JSON.parse(made.body) as { Id: string };
  await call(daemon.socket, 'POST', `/exec/${Id}/start`, { Detach: false, Tty: false });
  const { stdout } = await docker('exec', 'one', 'cat', '/tmp/environment');
  const lines = stdout.split('\0').slice(0, -1);
  expect(lines).toContain('KEPT=1');
  expect(lines.filter((line) => !line.includes('=') || line.startsWith('GONE'))).toEqual([]);
});
