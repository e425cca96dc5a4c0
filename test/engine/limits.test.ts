/** Limits hold, and what they ended says so. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, startDaemon } from '../harness/daemon';
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

it('half a processor is half a processor', async () => {
  const script = 'end=$(($(date +%s)+4)); while [ $(date +%s) -lt $end ]; do :; done';
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
    `${script}; ${script}`,
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
  await docker('rm', '-f', 'half');
});

it.each([
  [['--memory', '1m'], 'Minimum memory limit'],
  [['--cpus', '10000'], 'Range of CPUs'],
  [['--memory', '64m', '--memory-swap', '32m'], 'Minimum memoryswap limit'],
  [['--ulimit', 'nofile=10:5'], 'ulimit soft limit'],
])('%j is refused before there is a container', async (options, message) => {
  const ran = await docker('run', ...options, 'berth/base', 'true');
  expect([ran.code, ran.stderr.includes(message)]).toEqual([125, true]);
  expect((await docker('ps', '-aq')).stdout).toBe('');
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
