import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineUnavailableError } from '../../../../core/error';
import { discoverHost, transportOf } from '../../../../core/hosts/discover';
import { localTransport } from '../../../../core/hosts/local';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-hosts-'));
});
afterEach(() => rm(directory, { recursive: true }));

const failureOf = async (path: string) => {
  const error = await localTransport(path)
    .connect()
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EngineUnavailableError);
  return error as EngineUnavailableError;
};

describe('a helper that cannot be reached', () => {
  it('has no socket: how to start it', async () => {
    const error = await failureOf(join(directory, 'none.sock'));
    expect(error.reason).toBe('missing');
    expect(error.next).toContain('npm start');
  });

  it('was looked for at a file that is no socket', async () => {
    const path = join(directory, 'file');
    await writeFile(path, '');
    const error = await failureOf(path);
    expect([error.reason, error.why]).toEqual(['bad-address', 'That path is not a socket.']);
  });

  it('has left its socket behind', async () => {
    const path = join(directory, 'dead.sock');
    // A process that dies with SIGKILL leaves its socket's file.
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect((await failureOf(path)).reason).toBe('refused');
  });

  it('is a file that is no socket', async () => {
    const path = join(directory, 'file');
    await writeFile(path, '');
    expect(['refused', 'bad-address']).toContain((await failureOf(path)).reason);
  });

  it.skipIf(process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status !== 0)(
    'may not be opened (as an unprivileged user)',
    async () => {
      const folder = join(directory, 'closed');
      const path = join(folder, 'x.sock');
      await mkdir(folder);
      const server = createServer().listen(path);
      await once(server, 'listening');
      await chmod(folder, 0o700);
      await chmod(directory, 0o755);
      const script = `require('net').connect(${JSON.stringify(path)}).on('error', (e) => console.log(e.code))`;
      const child = spawnSync(
        'setpriv',
        ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, '-e', script],
        { encoding: 'utf8' },
      );
      server.close();
      if (process.getuid?.() === 0) expect(child.stdout.trim()).toBe('EACCES');
    },
  );
});

describe('which helper', () => {
  const from = (environment: Record<string, string>, setting?: string, option?: string) => {
    const { transport, from: source } = discoverHost(environment, setting, option);
    return [source, transport.describe()];
  };

  it('is said by the option, then BERTH_HOST, then the setting, else the usual place', () => {
    const environment = { BERTH_HOST: 'unix:///env.sock' };
    expect(from(environment, '/setting.sock', '/option.sock')).toEqual(['option', 'unix:///option.sock']);
    expect(from(environment, '/setting.sock')).toEqual(['BERTH_HOST', 'unix:///env.sock']);
    expect(from({ BERTH_HOST: '' }, '/setting.sock')).toEqual(['setting', 'unix:///setting.sock']);
    expect(from({}, '')).toEqual(['default', 'unix:///run/berth/berth.sock']);
  });

  it('must be an address of a kind that is known', () => {
    expect(() => transportOf('tcp://1.2.3.4:2375', 'BERTH_HOST')).toThrow(/tcp:.*BERTH_HOST/);
    expect(() => transportOf('relative.sock', '--host')).toThrow(EngineUnavailableError);
  });
});
