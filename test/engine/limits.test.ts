/** Limits hold, and what they ended says so. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, eventually, processesMentioning, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { run } from '../harness/run';

let daemon: TestDaemon;
const docker = (...words: string[]) => run(['docker', ...words], { env: daemon.env, milliseconds: 60_000 });

beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(async () => {
  await daemon.stop();
});

it('a hog beyond its memory ends with 137 and OOMKilled', async () => {
  const ran = await docker(
    'run',
    '--name',
    'hog',
    '--memory',
    '64m',
    'berth/base',
    'dd',
    'if=/dev/zero',
    'of=/dev/null',
    'bs=200M',
    'count=1',
  );
  expect(ran.code).toBe(137);
  const { State } = JSON.parse((await call(daemon.socket, 'GET', '/containers/hog/json')).body) as {
    State: { OOMKilled: boolean; ExitCode: number };
  };
  expect(State).toMatchObject({ OOMKilled: true, ExitCode: 137 });
  await docker('rm', 'hog');
});

it('a fork bomb stops at its limit, and others go on', async () => {
  const script = 'n=0; while [ $n -lt 100 ]; do sleep 5 & n=$((n+1)); done; wait';
  const bomb = docker('run', '--rm', '--pids-limit', '20', 'berth/base', 'sh', '-c', script);
  const beside = await docker('run', '--rm', 'berth/base', 'echo', 'fine');
  expect(beside.stdout).toBe('fine\n');
  const ran = await bomb;
  expect(ran.stderr).toContain("can't fork");
});

it('a bomb that forks without end harms nobody, and is taken away whole', async () => {
  const started = await docker(
    'run',
    '-d',
    '--name',
    'bomb',
    '--pids-limit',
    '64',
    'berth/base',
    'sh',
    '-c',
    // Two of itself each time, without end; its first process stays, also when it can fork no more.
    'echo "sh /bomb & sh /bomb & sleep 1000" > /bomb; sh /bomb; exec sleep 1000',
  );
  expect([started.code, started.stderr]).toEqual([0, '']);
  const pids = async () => {
    const stats = JSON.parse(
      (await call(daemon.socket, 'GET', '/containers/bomb/stats?stream=0&one-shot=1')).body,
    ) as { pids_stats: { current: number } };
    return stats.pids_stats.current;
  };
  await eventually('the bomb has reached its limit', async () => (await pids()) >= 60);
  expect(await pids()).toBeLessThanOrEqual(64);
  const beside = await docker('run', '--rm', 'berth/base', 'sh', '-c', 'ls / | wc -l; echo fine');
  expect([beside.code, beside.stderr, beside.stdout.endsWith('fine\n')]).toEqual([0, '', true]);
  expect((await docker('rm', '-f', 'bomb')).code).toBe(0);
  await eventually('none of it is left', () => processesMentioning('/bomb').length === 0);
});

it('half a processor is half a processor', async () => {
  await docker(
    'run',
    '-d',
    '--name',
    'half',
    '--cpus',
    '0.5',
    'berth/base',
    'sh',
    '-c',
    'while :; do :; done',
  );
  const usage = async () => {
    const stats = JSON.parse(
      (await call(daemon.socket, 'GET', '/containers/half/stats?stream=0&one-shot=1')).body,
    ) as { cpu_stats: { cpu_usage: { total_usage: number } } };
    return { cpu: stats.cpu_stats.cpu_usage.total_usage, at: process.hrtime.bigint() };
  };
  const first = await usage();
  await docker('run', '--rm', 'berth/base', 'sleep', '3');
  const second = await usage();
  const share = (second.cpu - first.cpu) / Number(second.at - first.at);
  expect(share).toBeLessThan(0.55);
  // From below it is asked of the periods in which the limit was what stopped it: a busy machine may give less in others.
  const files = '/sys/fs/cgroup/cpu/cpu.stat /sys/fs/cgroup/cpu.stat';
  const stat = (await docker('exec', 'half', 'sh', '-c', `cat ${files} 2>/dev/null`)).stdout;
  const throttled = Number(/nr_throttled (\d+)/.exec(stat)?.[1]);
  expect(throttled).toBeGreaterThan(0);
  expect((await usage()).cpu).toBeGreaterThan(0.45 * throttled * 100_000_000);
  await docker('rm', '-f', 'half');
});

it.each([
  [['--memory', '1m'], 'Minimum memory limit'],
  [['--cpus', '10000'], 'Range of CPUs'],
  [['--cpus', '0.001'], 'Range of CPUs'],
  [['--cpu-quota', '500'], 'quota can not be less'],
  [['--platform', 'linux/s390x'], 'does not match the specified platform'],
  [['--memory', '64m', '--memory-swap', '32m'], 'Minimum memoryswap limit'],
  [['--ulimit', 'nofile=10:5'], 'ulimit soft limit'],
])('%j is refused before there is a container', async (options, message) => {
  const ran = await docker('run', ...options, 'berth/base', 'true');
  expect([ran.code, ran.stderr.includes(message)]).toEqual([125, true]);
  expect((await docker('ps', '-aq')).stdout).toBe('');
});

it('a limit on processes can be lifted again', async () => {
  await docker('run', '-d', '--name', 'few', '--pids-limit', '9', 'berth/base', 'sleep', '1000');
  const files = '/sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max';
  const limit = async () =>
    (await docker('exec', 'few', 'sh', '-c', `cat ${files} 2>/dev/null`)).stdout.trim();
  expect(await limit()).toBe('9');
  expect((await docker('update', '--pids-limit', '-1', 'few')).code).toBe(0);
  expect(await limit()).toBe('max');
  await docker('rm', '-f', 'few');
});

it("exit codes are Docker's", async () => {
  const code = async (...words: string[]) => (await docker('run', '--rm', 'berth/base', ...words)).code;
  expect([
    await code('true'),
    await code('false'),
    await code('sh', '-c', 'exit 9'),
    await code('nothing-of-that-name'),
    await code('/etc'),
    (await docker('run', '--rm', '--init', 'berth/base', 'sh', '-c', 'kill -9 $$')).code,
  ]).toEqual([0, 1, 9, 127, 126, 137]);
  expect((await docker('ps', '-aq')).stdout).toBe('');
});
