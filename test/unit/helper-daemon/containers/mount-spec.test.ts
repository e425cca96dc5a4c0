import { describe, expect, it } from 'vitest';
import { mountRequests } from '../../../../helper-daemon/containers/mount-spec';

describe('mounts', () => {
  it('reads binds, volumes, tmpfs and image volumes, sorted by depth', () => {
    const mounts = mountRequests(
      {
        Binds: ['/src/../home:/a/b/c:ro,z', 'vol:/data/'],
        Mounts: [
          { Type: 'bind', Source: '/x', Target: '/m', ReadOnly: true },
          { Type: 'volume', Target: '/anon' },
        ],
        Tmpfs: { '/t': 'size=64k,mode=700,exec' },
      },
      ['/data', '/image/volume'],
    );
    expect(
      mounts.map((mount) => [
        mount.type,
        mount.name,
        mount.source,
        mount.target,
        mount.readonly,
        mount.anonymous,
      ]),
    ).toEqual([
      ['volume', 'vol', '', '/data', false, false],
      ['bind', undefined, '/x', '/m', true, false],
      ['volume', undefined, '', '/anon', false, true],
      ['tmpfs', undefined, '', '/t', false, false],
      ['volume', undefined, '', '/image/volume', false, true],
      ['bind', undefined, '/home', '/a/b/c', true, false],
    ]);
    expect(mounts[3]).toMatchObject({
      tmpfsSize: 65536,
      tmpfsMode: 0o700,
      noexec: false,
      nosuid: true,
      nodev: true,
    });
    expect(mounts[5]?.createSource).toBe(true);
    expect(mounts[1]?.createSource).toBe(false);
  });

  it.each([
    [{ Binds: ['/a'] }, /invalid volume specification/],
    [{ Binds: ['/a:b'] }, /must be absolute/],
    [{ Binds: ['/a:/'] }, /destination can't be '\/'/],
    [{ Binds: ['/a:/b/..'] }, /destination can't be '\/'/],
    [{ Binds: ['/a:/b:weird'] }, /invalid mode/],
    [{ Binds: ['../x:/b'] }, /invalid characters for a local volume name/],
    [{ Binds: ['/a:/b', '/c:/b/'] }, /Duplicate mount point: \/b/],
    [{ Mounts: [{ Type: 'bind' as const, Source: 'x', Target: '/b' }] }, /must be absolute/],
    [{ Tmpfs: { '/t': 'uid=0' } }, /invalid tmpfs option/],
  ])('refuses %j', (host, message) => {
    expect(() => mountRequests(host, [])).toThrow(message);
  });
});
