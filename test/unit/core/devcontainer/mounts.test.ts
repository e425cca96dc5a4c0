import { describe, expect, it } from 'vitest';
import { parseMount, toEngineMount } from '../../../../core/devcontainer/mounts';

describe('parseMount', () => {
  it.each([
    ['source=/a,target=/b,type=bind', { Type: 'bind', Source: '/a', Target: '/b' }],
    [
      'type=bind,src=/a,dst=/b,readonly,consistency=cached',
      { Type: 'bind', Source: '/a', Target: '/b', ReadOnly: true },
    ],
    ['src=data,destination=/d,ro=false', { Type: 'volume', Source: 'data', Target: '/d', ReadOnly: false }],
    ['type=bind,"source=/a,b","target=/c,""d"', { Type: 'bind', Source: '/a,b', Target: '/c,"d' }],
    [
      'type=tmpfs,target=/t,tmpfs-size=64m,tmpfs-mode=1770',
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 67108864, Mode: 0o1770 } },
    ],
    [
      'type=volume,source=v,target=/v,volume-nocopy,volume-label=a=b,volume-driver=local,volume-opt=type=none,volume-opt=o=x',
      {
        Type: 'volume',
        Source: 'v',
        Target: '/v',
        VolumeOptions: {
          NoCopy: true,
          Labels: { a: 'b' },
          DriverConfig: { Name: 'local', Options: { type: 'none', o: 'x' } },
        },
      },
    ],
    [
      'type=bind,source=/a=b,target=/b,bind-propagation=rslave',
      { Type: 'bind', Source: '/a=b', Target: '/b', BindOptions: { Propagation: 'rslave' } },
    ],
  ])('%s', (text, expected) => {
    expect(parseMount(text)).toEqual(expected);
  });

  it.each([
    ['type=bind,source=/a', /target/],
    ['type=bind,target=/b', /source/],
    ['type=nfs,source=/a,target=/b', /nfs/],
    ['source=/a,target=relative', /absolute/],
    ['source=/a,target=/b,typo=1', /typo/],
    ['source=/a,target=/b,readonly=perhaps', /perhaps/],
  ])('refuses %s', (text, why) => {
    expect(() => parseMount(text)).toThrow(expect.objectContaining({ name: 'DevContainerError' }));
    try {
      parseMount(text);
    } catch (error) {
      expect(`${(error as Error).message} ${(error as { why?: string }).why ?? ''}`).toMatch(why);
    }
  });

  it('takes the object form', () => {
    expect(toEngineMount({ type: 'volume', source: 'v', target: '/v' })).toEqual({
      Type: 'volume',
      Source: 'v',
      Target: '/v',
    });
    expect(toEngineMount({ type: 'volume', target: '/v' })).toEqual({ Type: 'volume', Target: '/v' });
  });
});
