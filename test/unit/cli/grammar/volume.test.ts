import { describe, expect, it } from 'vitest';
import { parseMount, parseTmpfs, parseVolume, splitFields } from '../../../../cli/grammar/volume';

const here = '/home/me/project';

describe('-v', () => {
  it.each([
    ['data:/var/data', { bind: 'data:/var/data' }],
    ['/srv:/srv:ro', { bind: '/srv:/srv:ro' }],
    ['.:/src', { bind: '/home/me/project:/src' }],
    ['../other:/src', { bind: '/home/me/other:/src' }],
    ['/cache', { anonymous: '/cache' }],
  ])('%s', (text, expected) => {
    expect(parseVolume(text, here)).toEqual(expected);
  });

  it.each(['', ':/x', 'a:b:c:d', 'data:relative', 'name', 'data:/'])('refuses “%s”', (text) => {
    expect(() => parseVolume(text, here)).toThrow('invalid volume specification');
  });
});

describe('--mount', () => {
  it('reads binds, with aliases and a relative source', () => {
    expect(parseMount('type=bind,src=.,dst=/src,readonly,bind-propagation=rslave', here)).toEqual({
      Type: 'bind',
      Source: here,
      Target: '/src',
      ReadOnly: true,
      BindOptions: { Propagation: 'rslave' },
    });
  });

  it('reads volumes with their driver’s options, and tmpfs', () => {
    expect(
      parseMount('source=data,target=/d,volume-nocopy,volume-opt=type=nfs,"volume-label=a=b,c"', here),
    ).toEqual({
      Type: 'volume',
      Source: 'data',
      Target: '/d',
      VolumeOptions: {
        NoCopy: true,
        Labels: { a: 'b,c' },
        DriverConfig: { Name: undefined, Options: { type: 'nfs' } },
      },
    });
    expect(parseMount('type=tmpfs,target=/t,tmpfs-size=64m,tmpfs-mode=1770', here)).toEqual({
      Type: 'tmpfs',
      Target: '/t',
      TmpfsOptions: { SizeBytes: 64 << 20, Mode: 0o1770 },
    });
  });

  it.each([
    ['type=bind,source=/a', 'target is required'],
    ['type=bind,target=/a', 'a bind needs a source'],
    ['type=disk,target=/a', "invalid mount type 'disk'"],
    ['target=/a,colour=red', "unexpected key 'colour'"],
    ['target', 'must be a key=value pair'],
    ['"target=/a', 'a quote is not closed'],
  ])('refuses %s', (text, message) => {
    expect(() => parseMount(text, here)).toThrow(message);
  });
});

it('splits fields as CSV does, and tmpfs options', () => {
  expect(splitFields('a,"b,c",d')).toEqual(['a', 'b,c', 'd']);
  expect(parseTmpfs('/run:size=1m,mode=755')).toEqual(['/run', 'size=1m,mode=755']);
  expect(parseTmpfs('/run')).toEqual(['/run', '']);
});
