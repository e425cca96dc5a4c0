import { describe, expect, it } from 'vitest';
import { mergeConfig, processEnvironment } from '../../../../helper-daemon/containers/merge-config';

const image = {
  Entrypoint: ['/entry'],
  Cmd: ['serve'],
  Env: ['PATH=/image', 'A=1'],
  WorkingDir: '/w',
  User: 'app',
  Labels: { a: '1', b: '1' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/data': {} },
};
const id = '0123456789abcdef'.repeat(4);

describe('merging a request over an image', () => {
  it('takes what the image says where the request says nothing', () => {
    const { config, args } = mergeConfig(id, { Image: 'x' }, image);
    expect(args).toEqual(['/entry', 'serve']);
    expect(config).toMatchObject({
      WorkingDir: '/w',
      User: 'app',
      Hostname: '0123456789ab',
      Labels: { a: '1', b: '1' },
      Volumes: { '/data': {} },
    });
  });

  it.each([
    [{ Cmd: ['other'] }, ['/entry', 'other']],
    [{ Entrypoint: ['sh'] }, ['sh']],
    [{ Entrypoint: ['sh'], Cmd: ['-c', 'x'] }, ['sh', '-c', 'x']],
    [{ Entrypoint: [''], Cmd: ['x'] }, ['x']],
    [{ Entrypoint: [] }, ['/entry', 'serve']],
  ])('%j runs %j', (body, args) => {
    expect(mergeConfig(id, { Image: 'x', ...body }, image).args).toEqual(args);
  });

  it('refuses to run nothing', () => {
    expect(() => mergeConfig(id, { Image: 'x' }, {})).toThrow('no command specified');
    expect(() => mergeConfig(id, { Image: 'x', Entrypoint: [''] }, image)).toThrow('no command specified');
  });

  it('lets the request win in the environment, and take names out', () => {
    const { config } = mergeConfig(id, { Image: 'x', Env: ['A=2', 'B=3', 'PATH'] }, image);
    expect(config.Env).toEqual(['A=2', 'B=3']);
    expect(processEnvironment({ ...config, Tty: true })).toEqual([
      expect.stringMatching(/^PATH=\/usr/),
      'HOSTNAME=0123456789ab',
      'TERM=xterm',
      'A=2',
      'B=3',
    ]);
  });

  it('adds published ports to the exposed ones, and wants an absolute directory', () => {
    const { config } = mergeConfig(id, { Image: 'x', HostConfig: { PortBindings: { '90': [] } } }, image);
    expect(Object.keys(config.ExposedPorts ?? {})).toEqual(['80/tcp', '90/tcp']);
    expect(() => mergeConfig(id, { Image: 'x', WorkingDir: 'rel' }, image)).toThrow(/absolute path/);
  });
});
