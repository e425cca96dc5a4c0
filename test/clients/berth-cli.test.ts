/** `berth` against a real helper: every verb, the exit codes, and what happens when things are wrong. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin } from '../harness/daemon';
import { busyboxLayer, imageOf, layerOf, tarOf, writeLayout } from '../harness/oci-image';
import { startRegistry, type TestRegistry } from '../harness/registry';
import { run } from '../harness/run';
import { dev, ensureDeveloper } from '../harness/user';
import { clientOf } from './client';

const image = 'berth/base';

const client = clientOf(bin('berth'));
const { run: berth, runWith: berthWith, ok, terminal, names } = client;

describe('the helper', () => {
  it('has a version, information, and a good bill of health or reasons', async () => {
    expect(await ok('version', '-f', '{{.Server.ApiVersion}} {{.Client.ApiVersion}}')).toBe('1.51 1.51');
    expect(await ok('version')).toMatch(/Client: Berth[^]*Server: the helper at unix:\/\//);
    expect(await ok('info', '-f', '{{.OSType}} {{.ServerVersion}}')).toMatch(/^linux \d/);
    expect(await ok('info')).toMatch(/Storage Driver: /);
    const { code, stdout } = await berth('doctor', '--format', 'json');
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; next?: string }[] };
    expect(
      checks
        .filter((check) => ['socket', 'versions', 'policy'].includes(check.name))
        .map((check) => check.ok),
    ).toEqual([true, true, true]);
    expect(code).toBe(checks.every((check) => check.ok) ? 0 : 1);
    for (const check of checks) if (!check.ok) expect(check.next, check.name).toBeTruthy();
    expect(await ok('system', 'df', '--format', '{{.Type}}')).toBe('Images\nContainers\nLocal Volumes');
  });
});

describe('berth/hello', () => {
  it('runs, and tells what happened with the figures of this run', async () => {
    const { code, stdout, stderr } = await berth('run', '--rm', 'berth/hello');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/What just happened, with the figures of this run:/);
    expect(stdout).toMatch(/1\. client +\d/);
    expect(stdout).toMatch(/image store/);
    expect(stdout).toMatch(/client → helper: start +[\d.]+ ms/);
    // The helper's own steps, each with its time.
    expect(stdout).not.toContain('steps are missing');
    for (const step of ['image', 'layers', 'namespaces', 'network', 'exec']) {
      expect(stdout).toMatch(new RegExp(`^ {6}${step} +[\\d.]+ m?s  \\S`, 'm'));
    }
    expect(stdout).toMatch(/ended with code 0/);
    expect(await names()).toEqual([]);
  });

  it('tells it for any image with --explain', async () => {
    const { code, stdout } = await berth('run', '--rm', '--explain', image, 'sh', '-c', 'exit 3');
    expect(code).toBe(3);
    expect(stdout).toMatch(/ended with code 3/);
    expect(await names()).toEqual([]);
  });
});

describe('run', () => {
  it.each([
    [['true'], 0],
    [['false'], 1],
    [['sh', '-c', 'exit 42'], 42],
    [['sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?'], 137],
    [['no-such-program'], 127],
    [['/etc'], 126],
    [['/etc/passwd'], 126],
  ])('--rm %j exits with %i and leaves nothing', async (command, code) => {
    expect((await berth('run', '--rm', image, ...command)).code).toBe(code);
    await expect.poll(names).toEqual([]);
  });

  it('exits with 125 when it cannot be done', async () => {
    const impossible = [
      ['--no-such-flag', image],
      ['-p', '99999:80', image],
      ['-m', 'lots', image],
      ['-v', 'a:b:c:d', image],
      ['127.0.0.1:1/none'],
      ['Not/A/Name'],
      ['--network', 'no-such-network', image, 'true'],
    ];
    for (const args of impossible) {
      const { code, stderr } = await berth('run', '--rm', ...args);
      expect(code, args.join(' ')).toBe(125);
      expect(stderr.trim()).not.toBe('');
      expect(stderr).not.toMatch(/ {4}at /);
    }
    expect(await names()).toEqual([]);
  });

  it('keeps stdout and stderr apart, and loses nothing of a command that is over at once', async () => {
    for (let round = 0; round < 5; round++) {
      const ran = await berth('run', '--rm', image, 'sh', '-c', `echo out ${round}; echo err >&2`);
      expect(ran).toMatchObject({ code: 0, stdout: `out ${round}\n`, stderr: 'err\n' });
    }
  });

  it('pipes stdin through to its last byte', async () => {
    const text = Buffer.alloc(3_000_000, 'the quick brown fox\n');
    const ran = await berthWith(text, 'run', '--rm', '-i', image, 'md5sum');
    expect(ran).toMatchObject({ code: 0, stdout: (await run(['md5sum'], { input: text })).stdout });
  });

  it('takes environment, directory, user, names, labels and an entry point', async () => {
    const file = join(client.daemon.directory, 'variables');
    writeFileSync(file, '# colours\nSAIL=red\n');
    const script = 'echo $COLOUR $SAIL $(pwd) $(id -u):$(id -g) $(hostname)';
    const options = ['-e', 'COLOUR=blue', '--env-file', file, '-w', '/var', '-u', '1000:1001', '-h', 'ship'];
    expect(await ok('run', '--rm', ...options, '--entrypoint', 'sh', image, '-c', script)).toBe(
      'blue red /var 1000:1001 ship',
    );
    const id = await ok('run', '-d', '--name', 'taken', '--label', 'a=b', image, 'sleep', '1000');
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(
      await ok('inspect', '-f', '{{.Id}} {{index .Config.Labels "a"}} {{json .Config.Cmd}}', 'taken'),
    ).toBe(`${id} b ["sleep","1000"]`);
    const again = await berth('run', '-d', '--name', 'taken', image, 'true');
    expect(again.code).toBe(125);
    expect(again.stderr).toContain('is already in use by container');
  });

  it('mounts folders and volumes', async () => {
    const shared = join(client.daemon.directory, 'shared');
    mkdirSync(shared);
    writeFileSync(join(shared, 'given'), 'from the host');
    expect(
      await ok(
        'run',
        '--rm',
        '-v',
        `${shared}:/data`,
        image,
        'sh',
        '-c',
        'cat /data/given; echo back > /data/made',
      ),
    ).toBe('from the host');
    expect(readFileSync(join(shared, 'made'), 'utf8')).toBe('back\n');
    const readOnly = await berth(
      'run',
      '--rm',
      '--mount',
      `type=bind,src=${shared},dst=/data,ro`,
      image,
      'touch',
      '/data/x',
    );
    expect(readOnly.stderr).toContain('Read-only file system');
    expect(await ok('volume', 'create', 'cargo')).toBe('cargo');
    await ok('run', '--rm', '-v', 'cargo:/hold', image, 'sh', '-c', 'echo tea > /hold/x');
    expect(await ok('run', '--rm', '-v', 'cargo:/hold', image, 'cat', '/hold/x')).toBe('tea');
    expect(await ok('volume', 'ls', '-q')).toBe('cargo');
    expect(await ok('volume', 'inspect', '-f', '{{.Name}} {{.Driver}}', 'cargo')).toBe('cargo local');
    expect(await ok('volume', 'rm', 'cargo')).toBe('cargo');
    rmSync(shared, { recursive: true });
  });

  it('publishes ports', async () => {
    await ok('run', '-d', '--name', 'web', '-p', '127.0.0.1::80', image, 'httpd', '-f', '-h', '/etc');
    const address = await ok('port', 'web', '80');
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await ok('port', 'web')).toBe(`80/tcp -> ${address}`);
    expect(await ok('ps', '--format', '{{.Ports}}')).toBe(`${address}->80/tcp`);
    await expect
      .poll(async () => (await fetch(`http://${address}/hostname`).catch(() => undefined))?.status, {
        timeout: 10_000,
      })
      .toBe(200);
    expect((await berth('port', 'web', '81')).stderr).toContain("No public port '81/tcp' published for web");
  });

  it('holds limits, and says so', async () => {
    const hog = 'x=a; while true; do x=$x$x$x; done';
    expect((await berth('run', '--name', 'hog', '-m', '32m', image, 'sh', '-c', hog)).code).toBe(137);
    expect(await ok('inspect', '-f', '{{.State.OOMKilled}} {{.HostConfig.Memory}}', 'hog')).toBe(
      `true ${32 << 20}`,
    );
    await ok('run', '-d', '--name', 'half', '--cpus', '0.5', '--pids-limit', '20', image, 'sleep', '1000');
    expect(await ok('inspect', '-f', '{{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}', 'half')).toBe(
      '500000000 20',
    );
  });

  it('writes the id where it is told, and refuses to overwrite', async () => {
    const file = join(client.daemon.directory, 'id');
    const id = await ok('create', '--cidfile', file, image, 'true');
    expect(readFileSync(file, 'utf8')).toBe(id);
    const again = await berth('run', '--cidfile', file, image, 'true');
    expect(again.code).toBe(125);
    expect(again.stderr).toContain('container ID file found');
  });
});

describe('in a terminal', () => {
  it('run -it has a prompt, the right size, follows a resize, and Ctrl-C reaches the program', async () => {
    const shell = terminal('run', '--rm', '-it', image, 'sh');
    await shell.shows(/# /);
    shell.type('stty size\r');
    await shell.shows(/30 100/);
    shell.resize(40, 120);
    shell.type('until [ "$(stty size)" = "40 120" ]; do sleep 0.1; done; echo res"ized"\r');
    await shell.shows(/resized/);
    // Until the shell has left its line editor, Ctrl-C is a key of that editor.
    shell.type('echo sle"eping"; sleep 1000\r');
    await shell.shows(/sleeping/);
    shell.type('\u0003');
    shell.type('echo a"live"\r');
    await shell.shows(/alive/);
    shell.type('exit 7\r');
    expect(await shell.exited).toBe(7);
    await expect.poll(names).toEqual([]);
  });

  it('detaches by its keys, attaches again, and sees the same shell', async () => {
    const shell = terminal('run', '--name', 'box', '-it', image, 'sh');
    await shell.shows(/# /);
    shell.type('KEPT=value\r');
    await shell.shows(/# /);
    shell.type('\u0010\u0011');
    await shell.shows(/read escape sequence/);
    expect(await shell.exited).toBe(0);
    expect(await ok('inspect', '-f', '{{.State.Running}}', 'box')).toBe('true');
    const again = terminal('attach', '--detach-keys', 'ctrl-x', 'box');
    again.type('echo it is $KEPT\r');
    await again.shows(/it is value/);
    again.type('\u0018');
    expect(await again.exited).toBe(0);
    expect(await ok('inspect', '-f', '{{.State.Running}}', 'box')).toBe('true');
  });

  it('exec -it is a second terminal in the same container', async () => {
    await ok('run', '-d', '--name', 'box', '--hostname', 'box', image, 'sleep', '1000');
    const shell = terminal('exec', '-it', 'box', 'sh');
    await shell.shows(/# /);
    shell.type('stty size; hostname; tty\r');
    await shell.shows(/30 100\s+box\s+\/dev\/pts\/\d/);
    // The end of input is one only where the shell reads: what is typed before its prompt it may throw away.
    await shell.shows(/# /);
    shell.type('\u0004');
    expect(await shell.exited).toBe(0);
  });

  it('Ctrl-C without a terminal inside is the program’s signal', async () => {
    const script = 'trap "exit 33" INT; echo re"ady"; sleep 1000 & wait';
    const foreground = terminal('run', '--rm', image, 'sh', '-c', script);
    await foreground.shows(/ready/);
    foreground.type('\u0003');
    expect(await foreground.exited).toBe(33);
  });

  it('-t without a terminal outside is refused before anything is made', async () => {
    expect(await berth('run', '-it', image, 'sh')).toMatchObject({
      code: 1,
      stderr: 'the input device is not a TTY\n',
    });
    expect(await names()).toEqual([]);
  });
});

describe('a container that runs', () => {
  const start = (...args: string[]) => ok('run', '-d', '--name', 'box', ...args);

  it('is listed, stopped, started, paused, restarted, renamed, updated and removed', async () => {
    const id = await start(
      '--label',
      'team=harbour',
      image,
      'sh',
      '-c',
      'trap "exit 0" TERM; sleep 1000 & wait',
    );
    expect(await ok('ps', '-q', '--no-trunc')).toBe(id);
    expect(await ok('ps', '-q', '-f', 'label=team=harbour')).toBe(id.slice(0, 12));
    expect(await ok('ps', '-q', '-f', 'label=team=other')).toBe('');
    expect(await ok('ps')).toMatch(
      /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n[0-9a-f]{12} +berth\/base +"sh -c .*" .*Up .* box$/,
    );
    expect(JSON.parse(await ok('ps', '--format', 'json'))).toMatchObject({
      Names: 'box',
      State: 'running',
      Labels: expect.stringContaining('team=harbour'),
    });
    expect((await berth('rm', 'box')).code).toBe(1);
    expect(await ok('pause', 'box')).toBe('box');
    expect(await ok('inspect', '-f', '{{.State.Status}}', 'box')).toBe('paused');
    expect(await ok('unpause', 'box')).toBe('box');
    expect(await ok('update', '--pids-limit', '50', 'box')).toBe('box');
    expect(await ok('rename', 'box', 'crate')).toBe('');
    expect(await ok('stop', 'crate')).toBe('crate');
    expect(await ok('stop', 'crate')).toBe('crate');
    expect(await ok('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'crate')).toBe('exited 0');
    expect(await ok('start', 'crate')).toBe('crate');
    expect(await ok('restart', '-t', '1', 'crate')).toBe('crate');
    expect(await ok('rm', '-f', 'crate')).toBe('crate');
    expect(await berth('inspect', 'crate')).toMatchObject({
      code: 1,
      stdout: '[]\n',
      stderr: 'Error: No such object: crate\n',
    });
  });

  it('is killed with what is asked, and waited for', async () => {
    await start(image, 'sh', '-c', 'trap "exit 9" USR1; echo ready; while :; do sleep 0.1; done');
    await expect.poll(() => ok('logs', 'box')).toBe('ready');
    const waiting = berth('wait', 'box');
    await ok('kill', '-s', 'USR1', 'box');
    expect((await waiting).stdout).toBe('9\n');
  });

  it('has logs: both streams, the tail, timestamps, and what comes', async () => {
    await start(image, 'sh', '-c', 'echo one; echo two >&2; sleep 0.3; echo three; exec sleep 1000');
    await expect.poll(async () => (await berth('logs', 'box')).stdout).toBe('one\nthree\n');
    expect((await berth('logs', 'box')).stderr).toBe('two\n');
    expect((await berth('logs', '-n', '1', 'box')).stdout).toBe('three\n');
    expect((await berth('logs', '-t', '-n', '1', 'box')).stdout).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z three\n$/,
    );
    expect((await berth('logs', '--since', '2020-01-01', '--until', '2020-01-02', 'box')).stdout).toBe('');
    const following = berth('logs', '-f', 'box');
    await ok('kill', 'box');
    expect((await following).stdout).toBe('one\nthree\n');
  });

  it('executes: streams, stdin, user, directory, environment, exit codes', async () => {
    await start(image, 'sleep', '1000');
    expect(await berth('exec', 'box', 'sh', '-c', 'echo out; echo err >&2; exit 3')).toMatchObject({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect((await berthWith('through', 'exec', '-i', 'box', 'cat')).stdout).toBe('through');
    const script = 'echo $(id -u) $(pwd) $A';
    expect(await ok('exec', '-u', '1000', '-w', '/tmp', '-e', 'A=b', 'box', 'sh', '-c', script)).toBe(
      '1000 /tmp b',
    );
    expect((await berth('exec', 'box', 'no-such-program')).code).toBe(127);
    expect((await berth('exec', 'box', '/etc')).code).toBe(126);
    await ok('exec', '-d', 'box', 'touch', '/tmp/made');
    await expect.poll(async () => (await berth('exec', 'box', 'test', '-e', '/tmp/made')).code).toBe(0);
    const text = Buffer.alloc(8_000_000, 'abcdefgh');
    expect((await berthWith(text, 'exec', '-i', 'box', 'wc', '-c')).stdout.trim()).toBe('8000000');
    await ok('stop', '-t', '0', 'box');
    expect(await berth('exec', 'box', 'true')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not running'),
    });
  });

  it('shows its processes and what it uses', async () => {
    await start(image, 'sleep', '1000');
    expect(await ok('top', 'box')).toMatch(/PID.*\n.*sleep 1000/);
    expect(await ok('stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}} {{.MemUsage}}', 'box')).toMatch(
      /^box 1 [\d.]+[KM]iB \/ /,
    );
  });

  it('starts attached, with its output and exit code', async () => {
    await ok('create', '--name', 'box', image, 'sh', '-c', 'echo again; exit 4');
    expect(await berth('start', '-a', 'box')).toMatchObject({ code: 4, stdout: 'again\n' });
    expect((await berth('attach', 'box')).stderr).toContain('cannot attach to a stopped container');
  });

  it('is seen in the events', async () => {
    const since = String(Math.floor(Date.now() / 1000) - 1);
    await ok('run', '--rm', '--name', 'box', image, 'true');
    const until = String(Math.ceil(Date.now() / 1000) + 1);
    const listed = await ok(
      'events',
      '--since',
      since,
      '--until',
      until,
      '-f',
      'container=box',
      '--format',
      '{{.Action}}',
    );
    expect(listed.split('\n')).toEqual(expect.arrayContaining(['create', 'start', 'die', 'destroy']));
  });
});

describe('networks', () => {
  it('are made, joined, inspected, left and removed', async () => {
    expect((await ok('network', 'ls', '--format', '{{.Name}}')).split('\n')).toEqual(
      expect.arrayContaining(['bridge', 'host', 'none']),
    );
    expect(await ok('network', 'create', 'quay')).toMatch(/^[0-9a-f]{64}$/);
    await ok('run', '-d', '--name', 'one', '--network', 'quay', image, 'sleep', '1000');
    expect(
      await ok('inspect', '-f', '{{range $n, $e := .NetworkSettings.Networks}}{{$n}}{{end}}', 'one'),
    ).toBe('quay');
    expect(
      await ok(
        'run',
        '--rm',
        '--network',
        'quay',
        image,
        'sh',
        '-c',
        'nslookup one >/dev/null && echo found',
      ),
    ).toBe('found');
    await ok('rm', '-f', 'one');
    expect(await ok('network', 'rm', 'quay')).toBe('quay');
    expect(await berth('network', 'inspect', 'quay')).toMatchObject({
      code: 1,
      stderr: 'Error: network quay not found\n',
    });
  });
});

describe('images', () => {
  let registry: TestRegistry;
  let name: string;
  beforeAll(async () => {
    registry = await startRegistry({ login: true });
    const app = layerOf(tarOf({ 'app/greeting': 'ahoy\n' }));
    const layout = writeLayout({ app: imageOf([busyboxLayer(), app], { Cmd: ['cat', '/app/greeting'] }) });
    await registry.push(`oci:${layout}:app`, 'team/app:1');
    rmSync(layout, { recursive: true });
    name = `${registry.host}/team/app:1`;
    const { username, password } = registry.credentials!;
    expect((await berthWith(password, 'login', '-u', username, '--password-stdin', registry.host)).code).toBe(
      0,
    );
  });
  afterAll(async () => {
    await registry.stop();
  });

  it('need the right credentials: none, wrong, right, and none again', async () => {
    const env = { ...client.daemon.env, DOCKER_CONFIG: join(client.daemon.directory, 'other-user') };
    const as = (input: string, ...args: string[]) => run([bin('berth'), ...args], { env, input });
    const { username, password } = registry.credentials!;
    const none = await as('', 'pull', name);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/auth|denied|login/i);
    const wrong = await as('wrong', 'login', '-u', username, '--password-stdin', registry.host);
    expect(wrong.code).toBe(1);
    expect(existsSync(join(client.daemon.directory, 'other-user', 'config.json'))).toBe(false);
    const right = await as(`${password}\n`, 'login', '-u', username, '--password-stdin', registry.host);
    expect(right).toMatchObject({ code: 0, stdout: 'Login Succeeded\n' });
    expect(await as('', 'pull', '-q', name)).toMatchObject({ code: 0, stdout: `${name}\n` });
    expect(await as('', 'logout', registry.host)).toMatchObject({ code: 0 });
    expect((await as('', 'pull', `${registry.host}/team/app:2`)).stderr).toMatch(/auth|denied|login/i);
    await ok('rmi', name);
  });

  it('are pulled with docker’s lines, listed, inspected, tagged, run and removed', async () => {
    const pulled = await berth('pull', name);
    expect(pulled).toMatchObject({ code: 0, stderr: '' });
    expect(pulled.stdout).toMatch(/1: Pulling from (\S+\/)?team\/app\n/);
    expect(pulled.stdout).toMatch(/[0-9a-f]{12}: Pull complete\n/);
    expect(pulled.stdout).toMatch(/Digest: sha256:[0-9a-f]{64}\n/);
    expect(pulled.stdout.endsWith(`Status: Downloaded newer image for ${name}\n${name}\n`)).toBe(true);
    expect((await berth('pull', name)).stdout).toContain(`Status: Image is up to date for ${name}\n`);
    expect(await ok('images', '--format', '{{.Repository}}:{{.Tag}}', `${registry.host}/team/app`)).toBe(
      name,
    );
    expect(await ok('image', 'inspect', '-f', '{{.Config.Cmd}} {{.Os}}', name)).toBe(
      '[cat /app/greeting] linux',
    );
    expect(await ok('history', '--format', '{{.CreatedBy}}', name)).toContain('layer 1');
    await ok('tag', name, 'mine:latest');
    expect(await ok('run', '--rm', 'mine')).toBe('ahoy');
    expect(await ok('rmi', 'mine')).toBe('Untagged: mine:latest');
    expect(await ok('rmi', name)).toMatch(/^Untagged: .*\n(Untagged: .*\n)?Deleted: sha256:/);
    expect(await berth('image', 'inspect', name)).toMatchObject({ code: 1 });
  });

  it('are pulled by run when they are not there', async () => {
    const ran = await berth('run', '--rm', name);
    expect(ran).toMatchObject({ code: 0, stdout: 'ahoy\n' });
    expect(ran.stderr).toMatch(new RegExp(`^Unable to find image '${name}' locally\n`));
    const never = await berth('run', '--rm', '--pull', 'never', `${registry.host}/team/other`);
    expect(never).toMatchObject({ code: 125, stderr: expect.stringContaining('No such image') });
    await ok('rmi', name);
  });

  it('show progress in a terminal, one line a layer', async () => {
    const screen = terminal('pull', name);
    await screen.shows(/[0-9a-f]{12}: Pull complete/);
    expect(await screen.exited).toBe(0);
    expect(screen.text()).toMatch(/\u001b\[\d+A/);
    await ok('rmi', name);
  });

  it('that do not exist are an error: tag, repository, registry', async () => {
    const tag = await berth('run', '--rm', `${registry.host}/team/app:2`);
    expect(tag).toMatchObject({ code: 125, stderr: expect.stringMatching(/not found|manifest unknown/) });
    expect((await berth('pull', `${registry.host}/team/none`)).code).toBe(1);
    const down = await berth('pull', '127.0.0.1:1/x');
    expect(down).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Error: .*127\.0\.0\.1:1/s) });
    expect(await berth('rmi', 'none')).toMatchObject({
      code: 1,
      stderr: 'Error: No such image: none:latest\n',
    });
  });

  it('are made by import, from a pipe or a file', async () => {
    const tar = tarOf({ 'hello.txt': 'hello' });
    const made = await berthWith(tar, 'import', '-c', 'CMD ["x"]', '-', 'imported:1');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) });
    expect(await ok('inspect', '-f', '{{.Config.Cmd}} {{len .RootFS.Layers}}', 'imported:1')).toBe('[x] 1');
    const file = join(client.daemon.directory, 'root.tar');
    writeFileSync(file, tar);
    expect(await ok('import', file, 'imported:2')).toMatch(/^sha256:/);
    expect((await berth('import', join(client.daemon.directory, 'none.tar'))).stderr).toContain(
      'no such file',
    );
    await ok('rmi', 'imported:1', 'imported:2');
  });
});

describe('cleaning up', () => {
  it('asks first, and says what it removed', async () => {
    const id = await ok('run', '--name', 'old', image, 'true').then(() =>
      ok('inspect', '-f', '{{.Id}}', 'old'),
    );
    const asked = await berth('container', 'prune');
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
    expect(await ok('container', 'prune', '-f')).toMatch(
      new RegExp(`^Deleted Containers:\n${id}\n\nTotal reclaimed space: `),
    );
    const screen = terminal('system', 'prune');
    await screen.shows(/\[y\/N\]/);
    screen.type('y\r');
    await screen.shows(/Total reclaimed space/);
    expect(await screen.exited).toBe(0);
  });
});

describe('what is wrong is said: what, why and what next', () => {
  it.each([
    [['start', 'nothing'], 'No such container: nothing'],
    [['logs', 'nothing'], 'No such container: nothing'],
    [['exec', 'nothing', 'true'], 'No such container: nothing'],
    [['rm', 'nothing'], 'No such container: nothing'],
    [['volume', 'rm', 'nothing'], 'get nothing: no such volume'],
    [['network', 'rm', 'nothing'], 'network nothing not found'],
  ])('berth %j', async (args, text) => {
    const { code, stderr } = await berth(...args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `Error: ${text}\n` });
  });

  it('goes on with the next of several, and fails in the end', async () => {
    await ok('create', '--name', 'there', image, 'true');
    expect(await berth('rm', 'nothing', 'there')).toMatchObject({
      code: 1,
      stdout: 'there\n',
      stderr: 'Error: No such container: nothing\n',
    });
  });

  it('the usage: docker’s codes, and what was probably meant', async () => {
    expect(await berth('ps', '--al')).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('did you mean --all?'),
    });
    expect(await berth('imagse')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Did you mean 'berth images'?"),
    });
    expect(await berth('run')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('requires at least 1 argument'),
    });
    expect(await berth('run', '--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--publish list'),
    });
  });

  it('no helper', async () => {
    const gone = await run([bin('berth'), '-H', join(client.daemon.directory, 'none.sock'), 'ps'], {
      env: client.daemon.env,
    });
    expect(gone.code).toBe(1);
    expect(gone.stderr).toMatch(/Cannot reach the Berth helper[^]*not running[^]*Start it with/);
    expect((await berth('--host', 'tcp://x', 'ps')).stderr).toContain('Only unix sockets are supported');
    const unreachable = await run([bin('berth'), 'run', image], {
      env: { ...client.daemon.env, BERTH_HOST: '/none.sock' },
    });
    expect(unreachable.code).toBe(125);
    expect(
      (await run([bin('berth'), 'doctor'], { env: { ...client.daemon.env, BERTH_HOST: '/none.sock' } })).code,
    ).toBe(1);
  });

  it('no permission', async () => {
    ensureDeveloper();
    chmodSync(client.daemon.socket, 0o600);
    try {
      const denied = await run([bin('berth'), 'ps'], { env: client.daemon.env, uid: dev.uid, gid: dev.gid });
      expect(denied.code).toBe(1);
      expect(denied.stderr).toMatch(/Permission to open the socket was denied[^]*0666/);
    } finally {
      chmodSync(client.daemon.socket, 0o666);
    }
  });

  it('a helper that is too old', async () => {
    const socket = join(client.daemon.directory, 'old.sock');
    const old = createServer((_request, response) => {
      const message = 'client version 1.51 is too new. Maximum supported API version is 1.40';
      response.writeHead(400, { 'Content-Type': 'application/json', 'Api-Version': '1.40', Ostype: 'linux' });
      response.end(JSON.stringify({ message }));
    }).listen(socket);
    await once(old, 'listening');
    const refused = await run([bin('berth'), 'ps'], { env: { ...client.daemon.env, BERTH_HOST: socket } });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/too old for this client[^]*1\.40[^]*Update the helper/);
    old.close();
  });

  it('a reader that goes away is none', async () => {
    const script = `${bin('berth')} run --rm ${image} yes | head -n 1`;
    expect(await run(['sh', '-c', script], { env: client.daemon.env })).toMatchObject({
      code: 0,
      stdout: 'y\n',
      stderr: '',
    });
  });
});
