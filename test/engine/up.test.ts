/** Environments against a real helper: from devcontainer.json to a container one can work in. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { removeEnvironment, stopEnvironment } from '../../core/devcontainer/close-environment';
import type { Configuration } from '../../core/devcontainer/configuration';
import { openEnvironment } from '../../core/devcontainer/open-environment';
import type { Environment, OpenOptions } from '../../core/devcontainer/open-environment';
import type { EnvironmentEvent } from '../../core/devcontainer/progress';
import { EngineClient } from '../../core/engine/client';
import { localTransport } from '../../core/hosts/local';
import { startDaemon, type TestDaemon } from '../harness/daemon';
import { makeProject } from '../harness/project';

let daemon: TestDaemon;
let engine: EngineClient;
const folders: string[] = [];

beforeAll(async () => {
  daemon = await startDaemon();
  engine = new EngineClient(localTransport(daemon.socket));
});
afterEach(async () => {
  for (const folder of folders.splice(0)) await removeEnvironment(engine, folder).catch(() => undefined);
});
afterAll(async () => {
  engine.close();
  await daemon.stop();
});

function project(configuration: Configuration | string): string {
  const folder = makeProject(daemon.directory, configuration);
  folders.push(folder);
  return folder;
}

interface Opened extends Environment {
  readonly events: EnvironmentEvent[];
}

async function open(folder: string, options: Partial<OpenOptions> = {}): Promise<Opened> {
  const events: EnvironmentEvent[] = [];
  const environment = await openEnvironment(engine, {
    folder,
    localEnv: { PATH: process.env['PATH'], WHO: 'somebody' },
    mayRunOnHost: () => false,
    waitForAll: true,
    report: (event) => events.push(event),
    ...options,
  });
  await environment.remaining;
  return { ...environment, events };
}

const log = (folder: string): string[] =>
  existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8').trim().split('\n') : [];
const inside = async ({ containerId }: Environment, script: string): Promise<string> =>
  (await engine.exec(containerId, { command: ['/bin/sh', '-c', script] })).stdout.trim();
const containers = async (): Promise<number> => (await engine.containers.list({ all: true })).length;

const everyStage = {
  image: 'berth/base',
  onCreateCommand: 'echo onCreate >>log',
  updateContentCommand: ['/bin/sh', '-c', 'echo updateContent >>log'],
  postCreateCommand: { one: 'echo postCreate >>log' },
  postStartCommand: 'echo postStart >>log',
  postAttachCommand: 'echo postAttach >>log',
};

describe('the life of an environment', () => {
  it('runs each command when it is due, and finds its container again', async () => {
    const folder = project(everyStage);
    const created = await open(folder);
    expect(created.state).toBe('created');
    expect(log(folder)).toEqual(['onCreate', 'updateContent', 'postCreate', 'postStart', 'postAttach']);

    const again = await open(folder);
    expect(again).toMatchObject({ state: 'running', containerId: created.containerId });
    expect(log(folder).slice(5)).toEqual(['postAttach']);

    expect(await stopEnvironment(engine, folder)).toMatchObject([{ id: created.containerId, changed: true }]);
    const restarted = await open(folder);
    expect(restarted).toMatchObject({ state: 'started', containerId: created.containerId });
    expect(log(folder).slice(6)).toEqual(['postStart', 'postAttach']);

    const recreated = await open(folder, { recreate: true });
    expect(recreated.containerId).not.toBe(created.containerId);
    expect(log(folder).slice(8)).toEqual([
      'onCreate',
      'updateContent',
      'postCreate',
      'postStart',
      'postAttach',
    ]);
  });

  it('ends quickly when it is stopped', async () => {
    const { containerId } = await open(project({ image: 'berth/base' }));
    await engine.containers.stop(containerId, { timeoutSeconds: 60 });
    // By SIGTERM and the trap: 137 would be the SIGKILL after a minute.
    expect((await engine.containers.inspect(containerId)).State.ExitCode).toBe(0);
  });

  it('tells of each step, with its time', async () => {
    const { events, timings } = await open(project(everyStage));
    const names = timings.map(({ name }) => name);
    expect(names).toEqual([
      'Configuration',
      'Image',
      'Container',
      'User',
      'onCreateCommand',
      'updateContentCommand',
      'postCreateCommand',
      'postStartCommand',
      'postAttachCommand',
    ]);
    const done = events.filter((event) => event.kind === 'step' && event.state === 'done');
    expect(done.map((event) => event.kind === 'step' && event.name)).toEqual(names);
  });

  it('can be worked in from waitFor on', async () => {
    const folder = project({
      image: 'berth/base',
      waitFor: 'onCreateCommand',
      onCreateCommand: 'echo onCreate >>log',
      postCreateCommand: 'until [ -e go ]; do sleep 0.05; done; echo postCreate >>log',
    });
    const environment = await openEnvironment(engine, {
      folder,
      localEnv: {},
      mayRunOnHost: () => false,
      report: () => undefined,
    });
    expect(log(folder)).toEqual(['onCreate']);
    writeFileSync(join(folder, 'go'), '');
    await environment.remaining;
    expect(log(folder)).toEqual(['onCreate', 'postCreate']);
  });
});

describe('what is inside', () => {
  it('has its environment, variables replaced', async () => {
    const folder = project({
      image: 'berth/base',
      containerEnv: { FROM_HERE: '${localEnv:WHO}', INSIDE: '${containerWorkspaceFolder}' },
      remoteEnv: { PATH: '${containerEnv:PATH}:/extra', FROM_HERE: null, ADDED: '${containerEnv:INSIDE}/x' },
      postCreateCommand: 'echo "$PATH|$FROM_HERE|$ADDED|$PWD" >log',
    });
    const environment = await open(folder);
    const workspace = environment.remoteWorkspaceFolder;
    const [path, fromHere, added, pwd] = log(folder)[0]!.split('|');
    expect(path).toMatch(/^\/.*:\/extra$/);
    expect([fromHere, added, pwd]).toEqual(['', `${workspace}/x`, workspace]);
    expect(await inside(environment, 'echo $FROM_HERE')).toBe('somebody');
  });

  it('reads what the user’s own shell sets up', async () => {
    const folder = project({
      image: 'berth/base',
      onCreateCommand: `echo 'export FROM_PROFILE="two
lines"' >"$HOME/.profile"`,
    });
    await open(folder);
    expect((await open(folder)).remoteEnv['FROM_PROFILE']).toBe('two\nlines');
  });

  it('mounts volumes and folders, and takes the flags of docker run', async () => {
    const folder = project({
      image: 'berth/base',
      mounts: [
        'source=${localWorkspaceFolder}/.devcontainer,target=/config,type=bind,readonly',
        { type: 'volume', target: '/data' },
      ],
      runArgs: ['--hostname', 'box', '--memory=64m', '-e', 'FLAG=1'],
    });
    const environment = await open(folder);
    expect(
      await inside(
        environment,
        'hostname; echo $FLAG; ls /config; touch /config/x 2>/dev/null || echo read-only; touch /data/x && echo writable',
      ),
    ).toBe('box\n1\ndevcontainer.json\nread-only\nwritable');
    expect((await engine.containers.inspect(environment.containerId)).HostConfig.Memory).toBe(64 << 20);
  });

  it('is reached by its forwarded ports', async () => {
    const taken = createServer();
    const hostPort = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    try {
      const folder = project({
        image: 'berth/base',
        forwardPorts: [hostPort, 'db:5432'],
        portsAttributes: { [hostPort]: { label: 'site' } },
        postStartCommand: `echo hello >index.html; httpd -p 127.0.0.1:${hostPort} -h .`,
      });
      const { ports, events } = await open(folder);
      expect(ports).toEqual([{ containerPort: hostPort, hostPort: expect.any(Number), label: 'site' }]);
      expect(ports[0]!.hostPort).not.toBe(hostPort);
      const answer = await fetch(`http://127.0.0.1:${ports[0]!.hostPort}/index.html`);
      expect(await answer.text()).toBe('hello\n');
      expect(events).toContainEqual({ kind: 'notice', text: expect.stringContaining('db:5432') });
      expect((await open(folder)).ports).toEqual(ports);
    } finally {
      taken.close();
    }
  });

  it('goes without the browser editor where its cache cannot be made', async () => {
    const folder = project({ image: 'berth/base' });
    const editorCache = join(folder, '.devcontainer/devcontainer.json/editor');
    const { events, containerId } = await open(folder, { editorCache });
    expect(events).toContainEqual({
      kind: 'notice',
      text: expect.stringContaining(`${editorCache} cannot be made`),
    });
    expect((await engine.containers.inspect(containerId)).State.Running).toBe(true);
  });

  it('is known to have been made from another configuration', async () => {
    const folder = project({ image: 'berth/base', runArgs: ['--hostname=one'] });
    await open(folder);
    const changed = { image: 'berth/base', runArgs: ['--hostname=two'], remoteEnv: { A: 'new' } };
    writeFileSync(join(folder, '.devcontainer/devcontainer.json'), JSON.stringify(changed));
    const again = await open(folder);
    expect(again.changed).toEqual(['runArgs']);
    // This one needs no new container.
    expect(again.remoteEnv['A']).toBe('new');
    expect((await open(folder, { recreate: true })).changed).toEqual([]);
  });
});

describe('what goes wrong', () => {
  it('a command that fails is told, is tried again, and leaves the container running', async () => {
    const folder = project({
      ...everyStage,
      postCreateCommand: 'echo trying >>log; echo "no such thing" >&2; [ -e fixed ] || exit 7',
    });
    await expect(open(folder)).rejects.toMatchObject({
      name: 'LifecycleError',
      stage: 'postCreateCommand',
      exitCode: 7,
      lastLines: ['no such thing'],
    });
    expect(log(folder)).toEqual(['onCreate', 'updateContent', 'trying']);
    const [container] = await engine.containers.list();
    expect(container?.State).toBe('running');

    writeFileSync(join(folder, 'fixed'), '');
    expect((await open(folder)).state).toBe('running');
    expect(log(folder)).toEqual(['onCreate', 'updateContent', 'trying', 'trying', 'postStart', 'postAttach']);
  });

  it('a command that is not there is told', async () => {
    const folder = project({ image: 'berth/base', postCreateCommand: ['/no/such/program'] });
    await expect(open(folder)).rejects.toMatchObject({ name: 'LifecycleError', stage: 'postCreateCommand' });
  });

  it('a cancelled command ends, inside too', async () => {
    const folder = project({ image: 'berth/base', postCreateCommand: 'echo begun; sleep 4242' });
    const controller = new AbortController();
    const opening = open(folder, {
      signal: controller.signal,
      report: (event) => {
        if (event.kind === 'output' && event.text.includes('begun')) controller.abort();
      },
    });
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
    const [container] = await engine.containers.list();
    const { stdout } = await engine.exec(container!.Id, { command: ['ps', '-o', 'args'] });
    expect(stdout).not.toContain('4242');
  });

  it('what runs on the host is asked for, and refused leaves nothing behind', async () => {
    const before = await containers();
    const folder = project({
      image: 'berth/base',
      initializeCommand: 'echo "on ${localWorkspaceFolder}" >>log',
    });
    await expect(open(folder)).rejects.toMatchObject({
      problem: 'not-trusted',
      why: expect.stringContaining(`on ${folder}`),
    });
    expect(log(folder)).toEqual([]);
    expect(await containers()).toBe(before);

    await open(folder, { mayRunOnHost: (text) => text === `echo "on ${folder}" >>log` });
    expect(log(folder)).toEqual([`on ${folder}`]);
  });

  it.each<[string, Configuration | string, object]>([
    [
      'broken JSON',
      '{\n "image": "berth/base"\n "name": 1 }',
      { problem: 'bad-syntax', what: expect.stringContaining(':3:2') },
    ],
    [
      'a Dockerfile',
      { build: { dockerfile: 'Dockerfile' } },
      { problem: 'not-yet', what: expect.stringContaining('"build"') },
    ],
    [
      'Features',
      { image: 'berth/base', features: { x: {} } },
      { problem: 'not-yet', what: expect.stringContaining('"features"') },
    ],
    [
      'Compose',
      { dockerComposeFile: 'x.yml' },
      { problem: 'not-yet', what: expect.stringContaining('"dockerComposeFile"') },
    ],
    ['no image', { name: 'x' }, { problem: 'bad-property' }],
    ['an unknown image', { image: '127.0.0.1:1/nothing:here' }, { name: 'EngineRequestError' }],
    [
      'a flag nobody knows',
      { image: 'berth/base', runArgs: ['--uidmap=0:1:2'] },
      { problem: 'bad-run-argument' },
    ],
    [
      'a folder to mount that is not there',
      { image: 'berth/base', mounts: ['type=bind,source=/no/such/folder,target=/x'] },
      { name: 'EngineRequestError' },
    ],
    ['a user that is not there', { image: 'berth/base', remoteUser: 'nobody-there' }, { problem: 'no-user' }],
  ])('%s', async (_, configuration, expected) => {
    const before = await containers();
    const folder = project(configuration);
    const text = readFileSync(join(folder, '.devcontainer/devcontainer.json'), 'utf8');
    await expect(open(folder)).rejects.toMatchObject(expected);
    expect(readFileSync(join(folder, '.devcontainer/devcontainer.json'), 'utf8')).toBe(text);
    expect(await containers()).toBe(before);
  });

  it('two at once make one container', async () => {
    const folder = project({ image: 'berth/base', postCreateCommand: 'echo once >>log' });
    const [one, other] = await Promise.all([open(folder), open(folder)]);
    expect(one.containerId).toBe(other.containerId);
  });
});

it('works in an image with nothing but a shell', async () => {
  const root = join(daemon.directory, 'shell-only');
  execFileSync('mkdir', ['-p', `${root}/bin`, `${root}/etc`]);
  execFileSync('cp', ['/bin/busybox', `${root}/bin/sh`]);
  appendFileSync(`${root}/etc/passwd`, 'root:x:0:0:root:/root:/bin/sh\n');
  const tar = execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 1 << 28 });
  await engine.images.import(Readable.from([tar]), { repository: 'shell-only' });
  const environment = await open(project({ image: 'shell-only', postCreateCommand: 'echo here' }));
  expect(environment.remoteShell).toBe('/bin/sh');
  await engine.containers.stop(environment.containerId, { timeoutSeconds: 60 });
  expect((await engine.containers.inspect(environment.containerId)).State.ExitCode).toBe(0);
});
