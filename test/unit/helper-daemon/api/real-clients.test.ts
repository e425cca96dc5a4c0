import Docker from 'dockerode';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type ApiFixture } from './api-fixture';

let api: ApiFixture;
beforeEach(async () => {
  api = await startApi();
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

const hasDocker = spawnSync('docker', ['--version']).status === 0;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const env = () => ({
  PATH: process.env['PATH'],
  DOCKER_HOST: `unix://${api.socketPath}`,
  HOME: '/nonexistent',
});

function docker(args: string[], stdin?: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile('docker', args, { env: env(), timeout: 15_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end(stdin);
  });
}

describe.skipIf(!hasDocker)('the docker CLI (skipped without one on the PATH)', () => {
  it('negotiates and shows the version', async () => {
    const { code, stdout } = await docker([
      'version',
      '--format',
      '{{.Server.Version}} {{.Server.APIVersion}}',
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '28.2.2+berth0.1.0 1.51\n' });
  });

  it.each([
    [['cat'], 0],
    [['exit', '0'], 0],
    [['exit', '1'], 1],
    [['exit', '137'], 137],
    [['nope'], 127],
  ])('run --rm %j exits with %i', async (cmd, code) => {
    expect((await docker(['run', '--rm', 'busybox', ...cmd])).code).toBe(code);
    await expect.poll(() => api.engine.containers.size).toBe(0);
  });

  it('keeps stdout and stderr apart, and passes stdin and its end', async () => {
    expect(await docker(['run', '--rm', 'busybox', 'both'])).toEqual({
      code: 0,
      stdout: 'to stdout\n',
      stderr: 'to stderr\n',
    });
    const text = 'line\n'.repeat(100_000);
    expect((await docker(['run', '--rm', '-i', 'busybox', 'cat'], text)).stdout).toBe(text);
  });

  it('pulls what is missing, shows progress, and fails with the last line', async () => {
    const run = await docker(['run', '--rm', 'redis', 'echo', 'hi']);
    expect(run.stderr).toContain("Unable to find image 'redis:latest' locally");
    expect(run.stderr).toContain('Status: Downloaded newer image for docker.io/library/redis:latest');
    const broken = await docker(['pull', 'localhost:5000/x']);
    expect(broken.code).toBe(0);
    const missing = await docker(['pull', 'missing/image']);
    expect(missing.stdout).toContain('Downloaded newer image for docker.io/missing/image:latest');
  });

  it('execs, with the exit code and both streams', async () => {
    await docker(['run', '-d', '--name', 'box', 'busybox', 'sleep']);
    expect(await docker(['exec', 'box', 'both'])).toEqual({
      code: 0,
      stdout: 'to stdout\n',
      stderr: 'to stderr\n',
    });
    expect((await docker(['exec', 'box', 'exit', '5'])).code).toBe(5);
    expect((await docker(['exec', '-i', 'box', 'cat'], 'through')).stdout).toBe('through');
    expect((await docker(['exec', 'box', 'nope'])).stderr).toContain(
      'unable to upgrade to tcp, received 400',
    );
    expect((await docker(['exec', '-d', 'box', 'echo'])).code).toBe(0);
  });

  it('waits, shows logs, lists, inspects, kills and removes', async () => {
    await docker(['run', '-d', '--name', 'box', 'busybox', 'sleep']);
    expect((await docker(['ps', '--format', '{{.Names}}'])).stdout).toBe('box\n');
    const waiting = docker(['wait', 'box']);
    const attached = docker(['attach', '--no-stdin', 'box']);
    await expect
      .poll(() => api.log.filter((line) => line.includes('/containers/{id}/json')).length)
      .toBeGreaterThan(0);
    expect((await docker(['kill', 'box'])).stdout).toBe('box\n');
    expect((await waiting).stdout).toBe('137\n');
    expect((await attached).code).toBe(137);
    expect((await docker(['inspect', '-f', '{{.State.Status}} {{.Name}}', 'box'])).stdout).toBe(
      'exited /box\n',
    );
    expect((await docker(['rm', 'box'])).stdout).toBe('box\n');
    await docker(['run', '--name', 'talker', 'busybox', 'both']);
    expect(await docker(['logs', 'talker'])).toEqual({
      code: 0,
      stdout: 'to stdout\n',
      stderr: 'to stderr\n',
    });
  });

  it('says what is not there in its own words', async () => {
    const missing = await docker(['inspect', 'nothing']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('No such object: nothing');
    expect((await docker(['logs', 'nothing'])).stderr).toContain('No such container: nothing');
    expect((await docker(['volume', 'rm', 'v'])).stderr).toContain('get v: no such volume');
    expect((await docker(['network', 'rm', 'n'])).stderr).toContain('network n not found');
    expect((await docker(['swarm', 'init'])).stderr).toContain('This node is not a swarm manager');
    expect((await docker(['plugin', 'ls', '-q'])).code).toBe(0);
    expect((await docker(['search', 'x'])).stderr).toContain('searching registries is not served');
  });

  it('gets interrupts through', async () => {
    const child = spawn('docker', ['run', '--rm', 'busybox', 'sleep'], { env: env() });
    await expect.poll(() => [...api.engine.containers.values()][0]?.status).toBe('running');
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(130);
  });

  it('imports a tar from its stdin', async () => {
    expect((await docker(['import', '-', 'y:1'], 'tar bytes')).stdout).toBe('sha256:1234\n');
    expect(Buffer.concat(api.engine.imported).toString()).toBe('tar bytes');
  });
});

describe('dockerode', () => {
  const client = () => new Docker({ socketPath: api.socketPath });

  it('creates, starts, inspects, waits', async () => {
    const container = await client().createContainer({
      Image: 'busybox',
      Cmd: ['exit', '4'],
      name: 'one',
      HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '0' }] } },
    });
    await container.start();
    expect(await container.wait()).toEqual({ StatusCode: 4 });
    expect((await container.inspect()).Name).toBe('/one');
  });

  it('attaches with hijack; its options are not stdin', async () => {
    const container = await client().createContainer({ Image: 'busybox', Cmd: ['cat'], OpenStdin: true });
    const stream = await container.attach({
      stream: true,
      stdin: true,
      stdout: true,
      stderr: true,
      hijack: true,
    });
    await container.start();
    let text = '';
    container.modem.demuxStream(
      stream,
      sink((chunk) => (text += chunk)),
      sink(() => undefined),
    );
    stream.end('hello');
    await once(stream, 'end');
    expect(text).toBe('hello');
  });

  it('execs without an upgrade', async () => {
    const container = await client().createContainer({ Image: 'busybox', Cmd: ['sleep'] });
    await container.start();
    const exec = await container.exec({ Cmd: ['both'], AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({ stdin: true, Detach: false, Tty: false });
    let out = '';
    let err = '';
    container.modem.demuxStream(
      stream,
      sink((chunk) => (out += chunk)),
      sink((chunk) => (err += chunk)),
    );
    await once(stream, 'end');
    expect({ out, err }).toEqual({ out: 'to stdout\n', err: 'to stderr\n' });
    expect((await exec.inspect()).ExitCode).toBe(0);
  });

  it('follows a pull, and throws what the daemon says', async () => {
    const stream = await client().pull('redis:7');
    const lines = await new Promise<{ status: string }[]>((resolve, reject) =>
      client().modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output))),
    );
    expect(lines.at(-1)?.status).toBe('Status: Downloaded newer image for redis:7');
    await expect(client().getContainer('nothing').inspect()).rejects.toMatchObject({
      statusCode: 404,
      json: { message: 'No such container: nothing' },
    });
  });
});

const sink = (take: (text: string) => void) =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      take(chunk.toString());
      done();
    },
  });
