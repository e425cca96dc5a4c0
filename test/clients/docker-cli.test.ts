/** The docker CLI, unmodified, against a real helper: every command of the first complete path, the way people type them. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { busyboxLayer, imageOf, layerOf, tarOf, writeLayout } from '../harness/oci-image';
import { startRegistry, type TestRegistry } from '../harness/registry';
import { run } from '../harness/run';
import type { Terminal } from '../harness/terminal';
import { clientOf } from './client';

const image = 'berth/base';

const client = clientOf('docker');
const { run: docker, runWith: dockerWith, ok, terminal, names } = client;

describe('the helper', () => {
  it('has a version and information', async () => {
    expect(await ok('version', '--format', '{{.Server.Version}}')).toMatch(/^\d+\.\d+\.\d+/);
    expect(await ok('version', '--format', '{{.Server.APIVersion}}')).toBe('1.51');
    expect((await docker('version')).stdout).toMatch(/Server:/);
    expect(await ok('info', '--format', '{{.OSType}} {{.NCPU}} {{.ServerVersion}}')).toMatch(/^linux [1-9]/);
    expect((await docker('info')).stdout).toMatch(/Storage Driver: overlay2/);
  });
});

describe('run', () => {
  it.each([
    [['true'], 0],
    [['false'], 1],
    [['sh', '-c', 'exit 42'], 42],
    // The kernel protects the first process from itself, not its children.
    [['sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?'], 137],
    [['no-such-program'], 127],
    [['/etc'], 126],
    [['/etc/passwd'], 126],
  ])('--rm %j exits with %i and leaves nothing', async (cmd, code) => {
    expect((await docker('run', '--rm', image, ...cmd)).code).toBe(code);
    await expect.poll(names).toEqual([]);
  });

  it('exits with 125 when it cannot be done', async () => {
    for (const args of [['--no-such-flag', image], ['-v', 'relative/../x:/y', image], [`127.0.0.1:1/none`]]) {
      const { code, stderr } = await docker('run', '--rm', ...args);
      expect(code, args.join(' ')).toBe(125);
      expect(stderr).not.toBe('');
    }
  });

  it('keeps stdout and stderr apart', async () => {
    const ran = await docker('run', '--rm', image, 'sh', '-c', 'echo out; echo err >&2');
    expect(ran).toMatchObject({ code: 0, stdout: 'out\n', stderr: 'err\n' });
  });

  it('pipes stdin through, to its last byte and its end', async () => {
    const text = Buffer.alloc(3_000_000, 'the quick brown fox\n');
    const ran = await dockerWith(text, 'run', '--rm', '-i', image, 'md5sum');
    const here = await run(['md5sum'], { input: text });
    expect(ran).toMatchObject({ code: 0, stdout: here.stdout });
  });

  it('does not lose the output of a command that is over at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      expect((await docker('run', '--rm', image, 'echo', `round ${round}`)).stdout).toBe(`round ${round}\n`);
    }
  });

  it('takes -e, -w, -u, --name, --hostname and --entrypoint', async () => {
    const script = 'echo $COLOUR $(pwd) $(id -u):$(id -g) $(hostname)';
    const options = ['-e', 'COLOUR=blue', '-w', '/var', '-u', '1000:1001', '--hostname', 'ship'];
    expect(await ok('run', '--rm', ...options, '--entrypoint', 'sh', image, '-c', script)).toBe(
      'blue /var 1000:1001 ship',
    );
    await ok('run', '-d', '--name', 'taken', image, 'sleep', '1000');
    const again = await docker('run', '-d', '--name', 'taken', image, 'true');
    expect(again.code).toBe(125);
    expect(again.stderr).toContain('Conflict. The container name "/taken" is already in use by container');
  });

  it('mounts a directory of the host with -v', async () => {
    const shared = join(client.daemon.directory, 'shared');
    mkdirSync(shared);
    writeFileSync(join(shared, 'given'), 'from the host');
    const script = 'cat /data/given; echo back > /data/made';
    expect(await ok('run', '--rm', '-v', `${shared}:/data`, image, 'sh', '-c', script)).toBe('from the host');
    expect(readFileSync(join(shared, 'made'), 'utf8')).toBe('back\n');
    const readOnly = await docker('run', '--rm', '-v', `${shared}:/data:ro`, image, 'touch', '/data/x');
    expect(readOnly).toMatchObject({ code: 1 });
    expect(readOnly.stderr).toContain('Read-only file system');
    rmSync(shared, { recursive: true });
  });

  it('publishes a port with -p', async () => {
    await ok('run', '-d', '--name', 'web', '-p', '127.0.0.1::80', image, 'httpd', '-f', '-h', '/etc');
    const address = await ok('port', 'web', '80/tcp');
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    await expect
      .poll(async () => (await fetch(`http://${address}/hostname`).catch(() => undefined))?.status, {
        timeout: 10_000,
      })
      .toBe(200);
  });

  it('holds --memory, and says that it was the memory', async () => {
    const hog = 'x=a; while true; do x=$x$x$x; done';
    expect((await docker('run', '--name', 'hog', '--memory', '32m', image, 'sh', '-c', hog)).code).toBe(137);
    expect(
      await ok('inspect', '-f', '{{.State.OOMKilled}} {{.State.ExitCode}} {{.HostConfig.Memory}}', 'hog'),
    ).toBe(`true 137 ${32 * 1024 * 1024}`);
  });

  it('holds --pids-limit and --cpus', async () => {
    const many = 'i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); done; wait';
    const forks = await docker('run', '--rm', '--pids-limit', '10', image, 'sh', '-c', many);
    expect(forks.stderr).toContain("can't fork");
    await ok('run', '-d', '--name', 'half', '--cpus', '0.5', image, 'sleep', '1000');
    expect(await ok('inspect', '-f', '{{.HostConfig.NanoCpus}}', 'half')).toBe('500000000');
  });
});

describe('in a terminal', () => {
  /** The client tells the helper of a new size by a request of its own, beside what is typed. */
  const hasSize = (shell: Terminal, size: string) =>
    expect
      .poll(
        async () => {
          shell.type('stty size\r');
          return shell.shows(/\d+ \d+(?=\r\n)/);
        },
        { timeout: 20_000 },
      )
      .toBe(size);

  it('run -it has a prompt, the right size, follows a resize, and Ctrl-C reaches the program', async () => {
    const shell = terminal('run', '--rm', '-it', image, 'sh');
    await shell.shows(/# /);
    shell.type('stty size\r');
    await shell.shows(/30 100/);
    shell.type('trap "echo resized" WINCH; echo re"ady"\r');
    await shell.shows(/ready/);
    shell.resize(40, 120);
    await hasSize(shell, '40 120');
    shell.type('sh -c \'echo beg"un"; exec sleep 1000\'\r');
    await shell.shows(/begun/);
    shell.type('\u0003');
    await shell.shows(/# /);
    shell.type('echo code=$?\r');
    await shell.shows(/code=130/);
    shell.type('exit 7\r');
    expect(await shell.exited).toBe(7);
    await expect.poll(names).toEqual([]);
  });

  it('exec -it is a second terminal in the same container', async () => {
    await ok('run', '-d', '--name', 'box', '--hostname', 'box', image, 'sleep', '1000');
    const shell = terminal('exec', '-it', 'box', 'sh');
    await shell.shows(/# /);
    shell.type('stty size; hostname; tty\r');
    await shell.shows(/30 100\s+box\s+\/dev\/pts\/\d/);
    shell.resize(20, 70);
    await hasSize(shell, '20 70');
    // Before the prompt the terminal is in another mode, in which the shell never sees a Ctrl-D.
    await shell.shows(/# /);
    shell.type('\u0004');
    expect(await shell.exited).toBe(0);
  });

  it('attach -it detaches by its keys and leaves the container running', async () => {
    await ok('run', '-dit', '--name', 'box', image, 'sh');
    const attached = terminal('attach', 'box');
    attached.type('echo he"llo"\r');
    await attached.shows(/hello/);
    attached.type('\u0010\u0011');
    await attached.exited;
    expect(await ok('inspect', '-f', '{{.State.Running}}', 'box')).toBe('true');
  });

  it('Ctrl-C without a terminal inside stops the program', async () => {
    const foreground = terminal(
      'run',
      '--rm',
      image,
      'sh',
      '-c',
      'trap "exit 33" INT; echo re"ady"; sleep 1000 & wait',
    );
    await foreground.shows(/ready/);
    foreground.type('\u0003');
    expect(await foreground.exited).toBe(33);
  });
});

describe('a container that runs', () => {
  const start = (...args: string[]) => ok('run', '-d', '--name', 'box', ...args);

  it('is listed, inspected, stopped, started again and removed', async () => {
    const id = await start(
      '--label',
      'team=harbour',
      image,
      'sh',
      '-c',
      'trap "exit 0" TERM; sleep 1000 & wait',
    );
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await ok('ps', '-q', '--no-trunc')).toBe(id);
    expect(await ok('ps', '-q', '--filter', 'label=team=harbour')).toBe(id.slice(0, 12));
    expect(await ok('ps', '-q', '--filter', 'label=team=other')).toBe('');
    expect((await docker('ps')).stdout).toMatch(/box/);
    expect(await ok('inspect', '-f', '{{.Id}} {{.Name}} {{.State.Status}}', id.slice(0, 6))).toBe(
      `${id} /box running`,
    );
    const refused = await docker('rm', 'box');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('stop the container before');
    expect(await ok('stop', 'box')).toBe('box');
    expect(await ok('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'box')).toBe('exited 0');
    expect(await ok('ps', '-q')).toBe('');
    expect(await ok('start', 'box')).toBe('box');
    expect(await ok('inspect', '-f', '{{.State.Running}}', 'box')).toBe('true');
    expect(await ok('rm', '-f', 'box')).toBe('box');
    expect((await docker('inspect', 'box')).stderr).toContain('No such object: box');
  });

  it('stop kills what does not listen, kill sends what is asked', async () => {
    await start(image, 'sleep', '1000');
    await ok('stop', '-t', '1', 'box');
    expect(await ok('inspect', '-f', '{{.State.ExitCode}}', 'box')).toBe('137');
    await ok('rm', 'box');
    await start(image, 'sh', '-c', 'trap "exit 9" USR1; echo ready; while :; do sleep 0.1; done');
    await expect.poll(() => ok('logs', 'box')).toBe('ready');
    const waiting = docker('wait', 'box');
    await ok('kill', '-s', 'USR1', 'box');
    expect((await waiting).stdout).toBe('9\n');
  });

  it('has logs: both streams, the tail, timestamps, and what comes', async () => {
    await start(image, 'sh', '-c', 'echo zero >&2; sleep 0.5; echo one; echo three; sleep 1000');
    await expect.poll(async () => (await docker('logs', 'box')).stdout).toBe('one\nthree\n');
    expect((await docker('logs', 'box')).stderr).toBe('zero\n');
    expect((await docker('logs', '--tail', '1', 'box')).stdout).toBe('three\n');
    expect((await docker('logs', '-t', '--tail', '1', 'box')).stdout).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z three\n$/,
    );
    const following = docker('logs', '-f', 'box');
    await ok('kill', 'box');
    expect((await following).stdout).toBe('one\nthree\n');
  });

  it('execs: streams, stdin, user, directory, environment, exit codes', async () => {
    await start(image, 'sleep', '1000');
    expect(await docker('exec', 'box', 'sh', '-c', 'echo out; echo err >&2; exit 3')).toMatchObject({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect((await dockerWith('through', 'exec', '-i', 'box', 'cat')).stdout).toBe('through');
    expect(
      await ok('exec', '-u', '1000', '-w', '/tmp', '-e', 'A=b', 'box', 'sh', '-c', 'echo $(id -u) $(pwd) $A'),
    ).toBe('1000 /tmp b');
    expect((await docker('exec', 'box', 'no-such-program')).code).toBe(127);
    expect((await docker('exec', 'box', '/etc')).code).toBe(126);
    await ok('exec', '-d', 'box', 'touch', '/tmp/made');
    await expect.poll(async () => (await docker('exec', 'box', 'test', '-e', '/tmp/made')).code).toBe(0);
    const text = Buffer.alloc(8_000_000, 'abcdefgh');
    expect((await dockerWith(text, 'exec', '-i', 'box', 'wc', '-c')).stdout.trim()).toBe('8000000');
    await ok('stop', '-t', '0', 'box');
    const dead = await docker('exec', 'box', 'true');
    expect(dead.code).toBe(1);
    expect(dead.stderr).toContain('is not running');
  });

  it('attach shows what comes, and its exit code', async () => {
    await start(image, 'sh', '-c', 'trap "echo bye; exit 5" TERM; while :; do echo tick; sleep 0.1; done');
    const attached = terminal('attach', '--no-stdin', 'box');
    await attached.shows(/tick/);
    await ok('stop', 'box');
    await attached.shows(/bye/);
    expect(await attached.exited).toBe(5);
  });

  it('is renamed, and shows its processes', async () => {
    await start(image, 'sleep', '1000');
    await ok('rename', 'box', 'crate');
    expect(await names()).toEqual(['crate']);
    expect((await docker('top', 'crate')).stdout).toContain('sleep 1000');
  });
});

describe('what is not there', () => {
  it.each([
    [['start', 'nothing'], 'No such container: nothing'],
    [['logs', 'nothing'], 'No such container: nothing'],
    [['exec', 'nothing', 'true'], 'No such container: nothing'],
    [['rm', 'nothing'], 'No such container: nothing'],
    [['rmi', 'nothing'], 'No such image: nothing:latest'],
    [['inspect', 'nothing'], 'No such object: nothing'],
  ])('docker %j says so', async (args, text) => {
    const { code, stderr } = await docker(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(text);
  });
});

describe('images', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry();
    const app = layerOf(tarOf({ 'app/greeting': 'ahoy\n' }));
    const layout = writeLayout({
      app: imageOf([busyboxLayer(), app], { Cmd: ['cat', '/app/greeting'], Env: ['A=1'] }),
    });
    await registry.push(`oci:${layout}:app`, 'team/app:1');
    rmSync(layout, { recursive: true });
  });
  afterAll(async () => {
    await registry.stop();
  });

  it('are pulled, listed, run and removed', async () => {
    const name = `${registry.host}/team/app:1`;
    const pulled = await docker('pull', name);
    expect(pulled).toMatchObject({ code: 0 });
    expect(pulled.stdout).toMatch(/1: Pulling from team\/app\n/);
    expect(pulled.stdout).toMatch(/Digest: sha256:[0-9a-f]{64}\n/);
    expect(pulled.stdout).toContain(`Status: Downloaded newer image for ${name}\n${name}\n`);
    expect((await docker('pull', name)).stdout).toContain(`Status: Image is up to date for ${name}\n`);
    expect(await ok('images', '--format', '{{.Repository}}:{{.Tag}}', `${registry.host}/team/app`)).toBe(
      name,
    );
    expect(await ok('image', 'inspect', '-f', '{{.Config.Cmd}} {{.Os}}', name)).toBe(
      '[cat /app/greeting] linux',
    );
    expect(await ok('run', '--rm', name)).toBe('ahoy');
    expect((await docker('rmi', name)).stdout).toMatch(/^Untagged: .*\n(Untagged: .*\n)?Deleted: sha256:/);
    expect((await docker('image', 'inspect', name)).code).toBe(1);
  });

  it('are pulled by run when they are not there, and an unknown one is an error', async () => {
    const ran = await docker('run', '--rm', `${registry.host}/team/app:1`);
    expect(ran).toMatchObject({ code: 0, stdout: 'ahoy\n' });
    expect(ran.stderr).toContain(`Unable to find image '${registry.host}/team/app:1' locally`);
    const unknown = await docker('run', '--rm', `${registry.host}/team/app:2`);
    expect(unknown.code).toBe(125);
    expect(unknown.stderr).toMatch(/not found|manifest unknown/);
    expect((await docker('pull', `${registry.host}/team/none`)).code).toBe(1);
  });

  it('are made by import', async () => {
    const tar = tarOf({ 'hello.txt': 'hello' });
    const made = await dockerWith(tar, 'import', '-c', 'CMD ["x"]', '-', 'imported:1');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) });
    expect(await ok('image', 'inspect', '-f', '{{.Config.Cmd}} {{len .RootFS.Layers}}', 'imported:1')).toBe(
      '[x] 1',
    );
    await ok('tag', 'imported:1', 'imported:2');
    expect((await ok('images', '--format', '{{.Tag}}', 'imported')).split('\n').sort()).toEqual(['1', '2']);
    expect((await docker('history', '-q', 'imported:1')).code).toBe(0);
    await docker('rmi', 'imported:1', 'imported:2');
  });
});
