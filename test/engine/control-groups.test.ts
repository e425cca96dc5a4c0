/** Control groups: what acts on a container's finds them, and none stays when nobody needs it. */
import { afterEach, expect, it } from 'vitest';
import { call, controlGroups, eventually, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { run } from '../harness/run';

const daemons: TestDaemon[] = [];
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.stop();
});

async function daemonWith(...container: string[]) {
  const daemon = await startDaemon();
  daemons.push(daemon);
  const docker = (...words: string[]) => run(['docker', ...words], { env: daemon.env, milliseconds: 20_000 });
  expect(await docker('run', '-d', '--name', 'one', ...container)).toMatchObject({ code: 0, stderr: '' });
  return { daemon, docker };
}

const gone = (root: string) => eventually('no control group is left', () => controlGroups(root).length === 0);

it('update, stats and pause act on the running container', async () => {
  const { daemon, docker } = await daemonWith(
    'berth/base',
    'sh',
    '-c',
    'while :; do echo .; sleep 0.05; done',
  );
  expect(await docker('update', '--memory', '96m', '--memory-swap', '96m', 'one')).toMatchObject({ code: 0 });
  const stats = JSON.parse(
    (await call(daemon.socket, 'GET', '/containers/one/stats?stream=0&one-shot=1')).body,
  ) as { memory_stats: { limit: number }; pids_stats: { current: number } };
  expect(stats.memory_stats.limit).toBe(96 << 20);
  expect(stats.pids_stats.current).toBeGreaterThan(0);
  expect(await docker('pause', 'one')).toMatchObject({ code: 0 });
  expect(controlGroups(daemon.root).length).toBeGreaterThan(0);
  const said = async () => (await docker('logs', 'one')).stdout.length;
  const frozen = await said();
  await docker('inspect', 'one');
  expect(await said()).toBe(frozen);
  expect(await docker('unpause', 'one')).toMatchObject({ code: 0 });
  await eventually('it goes on', async () => (await said()) > frozen);
});

it('a helper that ends before its last container leaves no parents', async () => {
  const { daemon } = await daemonWith('berth/base', 'sh', '-c', 'trap "exit 0" TERM; sleep 3 & wait');
  await daemon.terminate();
  expect(controlGroups(daemon.root).length).toBeGreaterThan(0);
  await gone(daemon.root);
});

it('what a killed warden left is removed by the next one, while containers come and go', async () => {
  const { daemon, docker } = await daemonWith('berth/base', 'true');
  await docker('rm', '-f', 'one');
  process.kill(daemon.wardenPid(), 'SIGKILL');
  await daemon.kill9();
  expect(controlGroups(daemon.root).length).toBeGreaterThan(0);
  await daemon.start();
  expect(controlGroups(daemon.root)).toEqual([]);
  const many = await Promise.all(
    Array.from({ length: 4 }, () => docker('run', '--rm', 'berth/base', 'echo', 'fine')),
  );
  expect(many.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 4 }, () => 'fine\n'));
});
