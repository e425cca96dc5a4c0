/** kill -9 of the helper, of the warden, and of both, while containers run, talk and publish ports: nothing of that is interrupted. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, eventually, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { run } from '../harness/run';

let daemon: TestDaemon;
const docker = async (...words: string[]) =>
  run(['docker', ...words], { env: daemon.env, milliseconds: 30_000 });

beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(async () => {
  await daemon.stop();
});

interface Inspected {
  Id: string;
  State: { Status: string; Running: boolean; Pid: number; ExitCode: number; StartedAt: string };
  NetworkSettings: { Ports: Record<string, { HostPort: string }[] | null> };
}
const inspect = async (name: string) =>
  JSON.parse((await call(daemon.socket, 'GET', `/containers/${name}/json`)).body) as Inspected;

/** Counts in its log, and serves a page. */
async function startTalker(name: string): Promise<{ port: string; pid: number }> {
  const script =
    'mkdir -p /site; echo page of $HOSTNAME > /site/index.html; httpd -p 80 -h /site; i=0; while :; do echo line $i; i=$((i+1)); sleep 0.1; done';
  const started = await docker('run', '-d', '--name', name, '-p', '80', 'berth/base', 'sh', '-c', script);
  expect(started.stderr).toBe('');
  const { State, NetworkSettings } = await inspect(name);
  return { port: NetworkSettings.Ports['80/tcp']?.[0]?.HostPort ?? '', pid: State.Pid };
}

async function page(port: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  return answer.text();
}

/** The server inside may need a moment to listen; until then its port is reset. */
const isServed = (port: string) =>
  eventually('the page is served', () =>
    page(port).then(
      (text) => text.startsWith('page of'),
      () => false,
    ),
  );

/** A connection that is held open; `say` resolves with the line that comes back. */
async function openEcho(port: number): Promise<{ say(text: string): Promise<string>; close(): void }> {
  let socket: Socket | undefined;
  let heard = '';
  const say = async (text: string) => {
    if (socket === undefined || socket.destroyed) throw new Error('the connection was cut');
    heard = '';
    socket.write(`${text}\n`);
    await eventually(`${text} comes back`, () => heard.includes('\n'));
    return heard.trim();
  };
  await eventually('the server inside listens', async () => {
    socket?.destroy();
    socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined); // seen by `say`: the connection is destroyed then
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    heard = '';
    socket.write('ready?\n');
    const mine = socket;
    await eventually('an answer or an end', () => heard.includes('\n') || mine.destroyed);
    return heard.includes('ready?');
  });
  return { say, close: () => socket?.destroy() };
}

const lines = async (name: string) => (await docker('logs', name)).stdout.trim().split('\n');

async function remove(name: string): Promise<void> {
  const removed = await docker('rm', '-f', name);
  expect(removed.code).toBe(0);
}

describe('kill -9', () => {
  it('of the helper: containers run on, talk on and serve on, and are found again', async () => {
    const { port, pid } = await startTalker('talker');
    await isServed(port);
    const before = await inspect('talker');
    const seen = (await lines('talker')).length;
    await daemon.kill9();
    expect(await page(port)).toContain('page of');
    expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toContain(String(pid));
    await daemon.start();
    const after = await inspect('talker');
    expect(after.State).toMatchObject({
      Status: 'running',
      Running: true,
      Pid: pid,
      StartedAt: before.State.StartedAt,
    });
    expect(after.NetworkSettings.Ports).toEqual(before.NetworkSettings.Ports);
    await eventually('the log has gone on', async () => (await lines('talker')).length > seen + 5);
    const all = await lines('talker');
    expect(all).toEqual(all.map((_, index) => `line ${index}`));
    const exec = await docker('exec', 'talker', 'sh', '-c', 'hostname; exit 5');
    expect([exec.stdout.trim(), exec.code]).toEqual([after.Id.slice(0, 12), 5]);
    const stopped = await docker('stop', '-t', '0', 'talker');
    expect([stopped.code, (await inspect('talker')).State.ExitCode]).toEqual([0, 137]);
    await remove('talker');
  });

  it('of the helper: what ended meanwhile has its exit code, and --rm is kept', async () => {
    await docker('run', '-d', '--name', 'ender', 'berth/base', 'sh', '-c', 'sleep 2; exit 42');
    await docker('run', '-d', '--rm', '--name', 'leaver', 'berth/base', 'sleep', '2');
    const { pid } = { pid: (await inspect('ender')).State.Pid };
    const other = (await inspect('leaver')).State.Pid;
    await daemon.kill9();
    const gone = (each: number) => {
      try {
        process.kill(each, 0);
        return false;
      } catch {
        return true;
      }
    };
    await eventually('both have ended', () => gone(pid) && gone(other));
    await daemon.start();
    await eventually('the exit is recorded', async () => (await inspect('ender')).State.Status === 'exited');
    expect((await inspect('ender')).State).toMatchObject({
      Status: 'exited',
      Running: false,
      ExitCode: 42,
      Pid: 0,
    });
    await eventually(
      'the other is removed',
      async () => (await call(daemon.socket, 'GET', '/containers/leaver/json')).status === 404,
    );
    await remove('ender');
  });

  it('of the warden: it is started again, and nothing else notices', async () => {
    const { port, pid } = await startTalker('unmoved');
    const warden = daemon.wardenPid();
    process.kill(warden, 'SIGKILL');
    await eventually('another warden runs', () => {
      try {
        return daemon.wardenPid() !== warden;
      } catch {
        return false;
      }
    });
    await isServed(port);
    expect((await inspect('unmoved')).State).toMatchObject({ Running: true, Pid: pid });
    const hello = await docker('run', '--rm', 'berth/base', 'echo', 'again');
    expect([hello.stdout, hello.code]).toEqual(['again\n', 0]);
    const killed = await docker('kill', 'unmoved');
    expect([killed.code, (await inspect('unmoved')).State.ExitCode]).toEqual([0, 137]);
    await remove('unmoved');
  });

  it('of both at once: a client that waits is cut off, the container is not', async () => {
    const { port, pid } = await startTalker('both');
    await isServed(port);
    process.kill(daemon.wardenPid(), 'SIGKILL');
    await daemon.kill9();
    expect(await page(port)).toContain('page of');
    await daemon.start();
    expect((await inspect('both')).State).toMatchObject({ Running: true, Pid: pid });
    const waiting = docker('wait', 'both');
    await docker('stop', '-t', '0', 'both');
    expect((await waiting).stdout.trim()).toBe('137');
    await remove('both');
  });

  it('of both: an open connection and the names of others go on', async () => {
    // What is typed comes back, for as long as the connection stands.
    await docker('run', '-d', '--name', 'echo', '-p', '7', 'berth/base', 'nc', '-ll', '-p', '7', '-e', 'cat');
    const names = 'i=0; while :; do echo $i $(nslookup echo); i=$((i+1)); sleep 0.2; done';
    await docker('run', '-d', '--name', 'asker', 'berth/base', 'sh', '-c', names);
    const port = (await inspect('echo')).NetworkSettings.Ports['7/tcp']?.[0]?.HostPort;
    const address = (await docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'echo')).stdout.trim();
    const line = await openEcho(Number(port));
    try {
      expect(await line.say('before')).toBe('before');
      process.kill(daemon.wardenPid(), 'SIGKILL');
      await daemon.kill9();
      expect(await line.say('while nobody is there')).toBe('while nobody is there');
      await daemon.start();
      expect(await line.say('after')).toBe('after');
      const asked = (await lines('asker')).length;
      await eventually('names are asked for again', async () => (await lines('asker')).length > asked + 3);
      for (const answer of await lines('asker')) expect(answer).toContain(address);
    } finally {
      line.close();
      await remove('echo');
      await remove('asker');
    }
  });

  it('of a monitor: its container ends and says so', async () => {
    await docker('run', '-d', '--name', 'orphan', 'berth/base', 'sleep', '1000');
    const { State } = await inspect('orphan');
    const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${State.Pid}/status`, 'latin1'))?.[1];
    process.kill(Number(parent), 'SIGKILL');
    await eventually('the end is recorded', async () => (await inspect('orphan')).State.Status === 'exited');
    expect((await inspect('orphan')).State.ExitCode).toBe(137);
    await remove('orphan');
  });
});

it('a second helper on the same root is refused, and the first goes on', async () => {
  const second = await run(
    [
      `${process.cwd()}/dist/bin/berthd`,
      '--root',
      daemon.root,
      '--run',
      `${daemon.directory}/other`,
      '--socket',
      `${daemon.directory}/other/s`,
    ],
    { milliseconds: 10_000 },
  );
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('Another helper already uses');
  expect((await call(daemon.socket, 'GET', '/_ping')).status).toBe(200);
});

it('SIGTERM leaves containers running', async () => {
  const { port, pid } = await startTalker('stays');
  await isServed(port);
  await daemon.terminate();
  expect(await page(port)).toContain('page of');
  await daemon.start();
  expect((await inspect('stays')).State).toMatchObject({ Running: true, Pid: pid });
  await remove('stays');
});
