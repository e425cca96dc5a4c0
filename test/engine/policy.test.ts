/** What a user without privileges may do, through the real socket with a real uid. */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { run } from '../harness/run';

const uid = 12345;
const otherUid = 12346;
let daemon: TestDaemon;
let home: string;

const as =
  (user: number) =>
  (...words: string[]) =>
    run(['docker', ...words], {
      env: { ...daemon.env, HOME: home, DOCKER_CONFIG: join(home, '.docker') },
      uid: user,
      gid: user,
      cwd: '/',
      milliseconds: 30_000,
    });
const user = as(uid);
const other = as(otherUid);
const root = (...words: string[]) => run(['docker', ...words], { env: daemon.env, milliseconds: 30_000 });

beforeAll(async () => {
  daemon = await startDaemon();
  home = join(daemon.directory, 'home');
  mkdirSync(home);
  chownSync(home, uid, uid);
  chmodSync(home, 0o755);
});
afterAll(async () => {
  await daemon.stop();
});

describe('a confined caller', () => {
  it('runs containers whose root is nobody on the host', async () => {
    const ran = await user('run', '--rm', 'berth/base', 'sh', '-c', 'id -u; cat /proc/self/uid_map');
    expect(ran.stderr).toBe('');
    const [id, map = ''] = ran.stdout.trim().split('\n');
    const [inside, outside] = map.trim().split(/\s+/).map(Number);
    expect([id, inside]).toEqual(['0', 0]);
    expect(outside).toBeGreaterThan(65536);
  });

  it.each([
    [['--privileged'], 'privileged'],
    [['--network', 'host'], 'network=host'],
    [['--pid', 'host'], 'pid=host'],
    [['--ipc', 'host'], 'ipc=host'],
    [['--uts', 'host'], 'uts=host'],
    [['--userns', 'host'], 'userns=host'],
    [['--cgroupns', 'host'], 'cgroupns=host'],
    [['--cap-add', 'SYS_ADMIN'], 'SYS_ADMIN'],
    [['--security-opt', 'seccomp=unconfined'], 'seccomp=unconfined'],
    [['--device', '/dev/null'], '--device'],
    [['--sysctl', 'kernel.core_pattern=x'], 'kernel.core_pattern'],
    [['-p', '80:80'], 'port 80'],
    [['-p', '0.0.0.0:18080:80'], '0.0.0.0'],
    [['--cgroup-parent', '/x'], 'cgroup-parent'],
    [['-v', '/:/host'], '/'],
    [['-v', '/proc:/host'], '/proc'],
  ])('is refused %j, and told why', async (options, named) => {
    const ran = await user('run', '--rm', ...options, 'berth/base', 'true');
    expect([ran.code, ran.stdout]).toEqual([125, '']);
    expect(ran.stderr).toContain(named);
    expect((await user('ps', '-aq')).stdout).toBe('');
  });

  it('reaches no directory of the host by a volume, and no privilege by an exec', async () => {
    const options = ['-o', 'type=none', '-o', 'o=bind', '-o', `device=${daemon.root}`];
    const made = await user('volume', 'create', ...options, 'sly');
    expect([made.code, made.stdout]).toEqual([1, '']);
    expect(made.stderr).toContain('driver options');
    const mount = `type=volume,src=sly,dst=/s,volume-driver=local,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=${daemon.root}`;
    const ran = await user('run', '--rm', '--mount', mount, 'berth/base', 'ls', '/s');
    expect([ran.code, ran.stdout]).toEqual([125, '']);
    expect((await user('volume', 'ls', '-q')).stdout).toBe('');
    await user('run', '-d', '--name', 'calm', 'berth/base', 'sleep', '1000');
    const exec = await user('exec', '--privileged', 'calm', 'id');
    expect([exec.code, exec.stdout]).toEqual([1, '']);
    expect(exec.stderr).toContain('exec --privileged');
    expect((await user('rm', '-f', 'calm')).code).toBe(0);
  });

  it('has no more processes than its quota, at the start and after an update', async () => {
    const files = '/sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max';
    const show = ['sh', '-c', `cat ${files} 2>/dev/null`];
    const run = ['run', '-d', '--name', 'many', '--pids-limit', '4000000', 'berth/base', 'sleep', '1000'];
    expect((await user(...run)).code).toBe(0);
    const quota = Number((await user('exec', 'many', ...show)).stdout);
    expect(quota).toBeLessThan(4_000_000);
    for (const limit of ['-1', '5000000']) {
      await user('update', '--pids-limit', limit, 'many');
      expect(Number((await user('exec', 'many', ...show)).stdout)).toBe(quota);
    }
    await user('rm', '-f', 'many');
  });

  it("cannot take away everybody's image, nor learn from it who uses it", async () => {
    const id = (await root('run', '-d', '--name', 'secret', 'berth/base', 'sleep', '1000')).stdout.trim();
    const image = (await root('inspect', '-f', '{{.Image}}', 'secret')).stdout.trim();
    for (const name of ['berth/base', image]) {
      for (const force of [[], ['-f']]) {
        const tried = await user('rmi', ...force, name);
        expect([tried.code, tried.stdout]).toEqual([1, '']);
        expect(tried.stderr).not.toContain(id.slice(0, 12));
        expect(tried.stderr).toContain('only they or an administrator');
      }
    }
    await root('rm', '-f', 'secret');
  });

  it('hears of nothing that others do', async () => {
    const since = String(Math.floor(Date.now() / 1000));
    await root('run', '--rm', '--name', 'unheard', 'berth/base', 'true');
    await user('run', '--rm', '--name', 'heard', 'berth/base', 'true');
    const until = String(Math.floor(Date.now() / 1000) + 1);
    const heard = await user('events', '--since', since, '--until', until);
    expect(heard.stdout).toContain('name=heard');
    expect(heard.stdout).not.toContain('unheard');
    const all = await root('events', '--since', since, '--until', until);
    expect(all.stdout).toContain('name=unheard');
  });

  it('does not mount what it may not read', async () => {
    const secret = join(daemon.directory, 'secret');
    mkdirSync(secret, { mode: 0o700 });
    writeFileSync(join(secret, 'key'), 'canary');
    const ran = await user('run', '--rm', '-v', `${secret}:/s`, 'berth/base', 'cat', '/s/key');
    expect(ran.code).toBe(125);
    expect(ran.stdout).not.toContain('canary');
    const engine = await user('run', '--rm', '-v', `${daemon.root}:/s`, 'berth/base', 'ls', '/s');
    expect([engine.code, engine.stdout]).toEqual([125, '']);
  });

  it('shares a directory in which both sides are the developer', async () => {
    const project = join(home, 'project');
    mkdirSync(project);
    chownSync(project, uid, uid);
    writeFileSync(join(project, 'from-host'), 'x');
    chownSync(join(project, 'from-host'), uid, uid);
    const script = 'stat -c %u /p/from-host; touch /p/from-inside; id -u';
    const ran = await user(
      'run',
      '--rm',
      '-u',
      '1000',
      '-v',
      `${project}:/p`,
      'berth/base',
      'sh',
      '-c',
      script,
    );
    expect([ran.stdout, ran.stderr, ran.code]).toEqual(['1000\n1000\n', '', 0]);
    expect(statSync(join(project, 'from-inside')).uid).toBe(uid);
  });

  it('gets what other container users made in its directory when the container ends', async () => {
    const project = join(home, 'mixed');
    mkdirSync(project);
    chownSync(project, uid, uid);
    chmodSync(project, 0o777);
    const create = { HostConfig: { Binds: [`${project}:/p`], Annotations: { 'berth.bind-user': '1000' } } };
    const ran = await user(
      'run',
      '--rm',
      '--annotation',
      'berth.bind-user=1000',
      '-v',
      create.HostConfig.Binds[0] ?? '',
      'berth/base',
      'touch',
      '/p/by-root',
    );
    expect([ran.stderr, ran.code]).toEqual(['', 0]);
    expect(statSync(join(project, 'by-root')).uid).toBe(uid);
  });

  it('never sees or touches what belongs to another user', async () => {
    const started = await user(
      'run',
      '-d',
      '--name',
      'mine',
      '-v',
      'data:/data',
      'berth/base',
      'sleep',
      '1000',
    );
    const id = started.stdout.trim();
    expect(started.stderr).toBe('');
    expect((await other('ps', '-aq')).stdout).toBe('');
    for (const words of [
      ['inspect', '--type', 'container', id],
      ['stop', id],
      ['rm', 'mine'],
      ['logs', id],
      ['exec', id, 'id'],
      ['rename', id, 'theirs'],
      ['top', id],
    ]) {
      const tried = await other(...words);
      expect([words, tried.code === 0, /No such container/i.test(tried.stderr)]).toEqual([
        words,
        false,
        true,
      ]);
    }
    expect((await other('volume', 'ls', '-q')).stdout).toBe('');
    expect((await other('volume', 'rm', 'data')).stderr).toContain('no such volume');
    const same = await other(
      'run',
      '--rm',
      '--name',
      'mine',
      '-v',
      'data:/data',
      'berth/base',
      'ls',
      '/data',
    );
    expect([same.stderr, same.code]).toEqual(['', 0]);
    expect((await root('ps', '-q', '--no-trunc')).stdout.trim()).toBe(id);
    expect((await user('rm', '-f', 'mine')).code).toBe(0);
    await user('volume', 'rm', 'data');
    await other('volume', 'rm', 'data');
  });

  it("has its own ids, apart from every other user's", async () => {
    const base = async (docker: typeof user) =>
      Number(
        (
          await docker('run', '--rm', 'berth/base', 'sh', '-c', "awk '{print $2}' /proc/self/uid_map")
        ).stdout.trim(),
      );
    const [mine, theirs, admins] = [await base(user), await base(other), await base(root)];
    expect(new Set([mine, theirs, admins]).size).toBe(3);
    for (const each of [mine, theirs, admins]) expect(each % 65536).toBe(0);
  });
});

it('an administrator has what Docker gives', async () => {
  const target = join(daemon.directory, 'roots');
  mkdirSync(target, { mode: 0o700 });
  const ran = await root(
    'run',
    '--rm',
    '-v',
    `${target}:/t`,
    'berth/base',
    'sh',
    '-c',
    'touch /t/file; stat -c %u /t/file',
  );
  expect([ran.stdout, ran.stderr]).toEqual(['0\n', '']);
  expect([existsSync(join(target, 'file')), statSync(join(target, 'file')).uid]).toEqual([true, 0]);
  const host = await root(
    'run',
    '--rm',
    '--privileged',
    '--pid',
    'host',
    'berth/base',
    'cat',
    '/proc/1/comm',
  );
  expect([host.stdout.trim(), host.stderr]).toEqual([readFileSync('/proc/1/comm', 'utf8').trim(), '']);
});
