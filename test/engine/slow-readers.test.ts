/** Output goes to a slow reader as through a pipe: every byte, and nobody else waits. */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, eventually, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { run } from '../harness/run';

const megabytes = 20;
const flood = `dd if=/dev/zero bs=1M count=${megabytes} 2>/dev/null`;

let daemon: TestDaemon;
const docker = (...words: string[]) => run(['docker', ...words], { env: daemon.env, milliseconds: 20_000 });
const shell = (line: string) => run(['sh', '-c', line], { env: daemon.env });

beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(async () => {
  await daemon.stop();
});

it.each([
  ['run', `docker run --rm berth/base sh -c '${flood}'`],
  ['run with a terminal', `docker run --rm -t berth/base sh -c '${flood}'`],
  ['run whose input is not read', `yes | docker run --rm -i berth/base sh -c '${flood}'`],
])('%s: a reader that sleeps gets everything', async (_name, command) => {
  const { stdout, stderr } = await shell(`${command} | (sleep 4; wc -c)`);
  expect({ bytes: Number(stdout), stderr }).toEqual({ bytes: megabytes << 20, stderr: '' });
});

it('exec: a reader that sleeps gets everything, and the exit code', async () => {
  await docker('run', '-d', '--name', 'host', 'berth/base', 'sleep', '600');
  const { stdout, stderr } = await shell(
    `(docker exec host sh -c '${flood}; exit 7'; echo "code $?" >&2) | (sleep 4; wc -c)`,
  );
  expect({ bytes: Number(stdout), stderr }).toEqual({ bytes: megabytes << 20, stderr: 'code 7\n' });
  await docker('rm', '-f', 'host');
});

it('while nobody reads, the container can be looked at, run commands, be killed and removed', async () => {
  const reader = spawn('docker', ['run', '--name', 'stalled', 'berth/base', 'yes'], {
    env: daemon.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => reader.once('close', resolve));
  try {
    const written = async () => (await docker('exec', 'stalled', 'grep', 'wchar', '/proc/1/io')).stdout;
    await eventually('its output comes', async () => {
      const answer = await call(daemon.socket, 'GET', '/containers/stalled/json');
      return (
        answer.status === 200 && (JSON.parse(answer.body) as { State: { Running: boolean } }).State.Running
      );
    });
    let before = 'nothing';
    await eventually('it writes no more', async () => {
      const now = await written();
      const still = now === before;
      before = now;
      return still;
    });
    expect((await docker('inspect', '--format', '{{.State.Running}}', 'stalled')).stdout).toBe('true\n');
    expect(await docker('kill', 'stalled')).toMatchObject({ code: 0 });
    await eventually('its end is known', async () => {
      const { body } = await call(daemon.socket, 'GET', '/containers/stalled/json');
      return (JSON.parse(body) as { State: { ExitCode: number } }).State.ExitCode === 137;
    });
    expect(await docker('rm', '-f', 'stalled')).toMatchObject({ code: 0 });
  } finally {
    reader.stdout.resume();
    await ended;
  }
});
