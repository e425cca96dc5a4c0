/** Hostile layer archives against the unpacker: nothing outside the directory may change, and nothing may be believed. */
import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { archive, extension, member, paxRecord } from '../engine/native/tar-archive';
import {
  accepted,
  inRoot,
  isWhiteout,
  layerRoot,
  refused,
  tree,
  unpack,
  useLayerDirectory,
  victimDirectory,
  xattr,
} from './layer-directory';

useLayerDirectory();
const opaque = Buffer.from('y').toString('hex');

describe('names', () => {
  test.each(['../victim/x', 'a/../../victim/x', '/../victim/x', 'a/../../../../etc/x'])(
    '%s is refused',
    (name) => {
      expect(refused(archive({ name, content: 'x' }))).toContain('leaves the layer');
    },
  );
  test('absolute, doubled and dotted ones stay in the root', () => {
    accepted(
      { name: '/abs', content: 'a' },
      { name: './b//c/./d', content: 'b' },
      { name: 'e/../f', content: 'c' },
      { name: '.', type: '5', mode: 0o711 },
      { name: 'g\\h', content: 'd' },
    );
    expect(readdirSync(layerRoot()).sort()).toEqual(['abs', 'b', 'f', 'g\\h']);
    expect(readFileSync(inRoot('b/c/d'), 'utf8')).toBe('b');
    expect(statSync(layerRoot()).mode & 0o7777).toBe(0o711);
  });
  test('a root that is no directory, too long a name, too deep a tree', () => {
    refused(archive({ name: './', content: 'x', type: '2', link: '/etc' }));
    refused(archive({ name: 'x', pax: { path: 'n'.repeat(256) } }));
    refused(archive({ name: 'x', pax: { path: 'n/'.repeat(2000) } }));
    refused(archive({ name: 'x', pax: { path: 'd/'.repeat(600) } }));
    refused(archive({ name: 'x', pax: { path: 'long/'.repeat(1000) } }));
  });
});

describe('links', () => {
  test.each(['../../victim', '/../../victim', `${'../'.repeat(30)}victim`])(
    'writing through a link to %s stays in the root',
    (link) => {
      accepted({ name: 'link', type: '2', link }, { name: 'link/file', content: 'x' });
      expect(readlinkSync(inRoot('link'))).toBe(link);
      expect(existsSync(inRoot('victim/file'))).toBe(true);
    },
  );
  test('an absolute link to the host directory means that path in the root', () => {
    accepted({ name: 'link', type: '2', link: victimDirectory() }, { name: 'link/file', content: 'x' });
    expect(readFileSync(join(layerRoot(), victimDirectory(), 'file'), 'utf8')).toBe('x');
  });
  test('links in a circle are an error', () => {
    refused(
      archive(
        { name: 'a', type: '2', link: 'b' },
        { name: 'b', type: '2', link: 'a' },
        { name: 'a/x', content: '' },
      ),
    );
  });
  test('a file replaces a link of its name and is not written through it', () => {
    accepted(
      { name: 'hello', type: '2', link: '../victim/hello' },
      { name: 'hello', content: 'mine', mode: 0o777 },
    );
    expect(readFileSync(inRoot('hello'), 'utf8')).toBe('mine');
  });
  test.each(['../victim/hello', '/etc/passwd', 'nothing', '', '.'])(
    'a hard link to %s is refused',
    (link) => {
      refused(archive({ name: 'x', type: '1', link }));
    },
  );
  test('a hard link through a symbolic link stays in the root', () => {
    refused(
      archive({ name: 'up', type: '2', link: '../victim' }, { name: 'x', type: '1', link: 'up/hello' }),
    );
  });
  test('a hard link to a symbolic link is one, and the header changes no mode', () => {
    accepted(
      { name: 's', type: '2', link: '../victim/hello' },
      { name: 'h', type: '1', link: 's', mode: 0o777 },
      { name: 'file', content: 'x', mode: 0o640 },
      { name: 'dir/absolute', type: '1', link: '/file', mode: 0o777 },
    );
    expect(readlinkSync(inRoot('h'))).toBe('../victim/hello');
    expect(lstatSync(inRoot('dir/absolute')).ino).toBe(lstatSync(inRoot('file')).ino);
    expect(lstatSync(inRoot('file')).mode & 0o7777).toBe(0o640);
  });
});

describe('whiteouts', () => {
  test('become overlay whiteouts and opaque directories; what the layer itself has stays', () => {
    accepted(
      { name: 'dir/.wh.gone' },
      { name: 'own', content: 'own' },
      { name: '.wh.own' },
      { name: 'emptied/.wh..wh..opq' },
      { name: '.wh.replaced' },
      { name: 'replaced', type: '5' },
      { name: '.wh.implied' },
      { name: 'implied/file', content: 'x' },
    );
    expect(isWhiteout('dir/gone')).toBe(true);
    expect(readFileSync(inRoot('own'), 'utf8')).toBe('own');
    for (const name of ['emptied', 'replaced', 'implied'])
      expect([name, xattr(name, 'trusted.overlay.opaque')]).toEqual([name, opaque]);
  });
  test.each(['.wh.', '.wh..', '.wh...', '.wh..wh.plnk', 'a/.wh..wh.x'])('%s is refused', (name) => {
    refused(archive({ name }));
  });
  test('through a link they stay inside', () => {
    accepted({ name: 'up', type: '2', link: '../victim' }, { name: 'up/.wh.hello' });
    expect(isWhiteout('victim/hello')).toBe(true);
  });
  test('a device 0:0 counts as one', () => {
    accepted({ name: 'gone', type: '3' });
    expect(isWhiteout('gone')).toBe(true);
    refused(archive({ name: '.wh.x' }, { name: 'y', type: '1', link: 'x' }));
  });
});

test('attributes: overlay and foreign ones are dropped, capabilities and user ones kept', () => {
  const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
  const inNamespace = Buffer.from('010000030004000000000000000000000000000040420f00', 'hex');
  accepted(
    {
      name: 'd',
      type: '5',
      pax: { 'SCHILY.xattr.trusted.overlay.opaque': 'y', 'SCHILY.xattr.user.overlay.opaque': 'y' },
    },
    {
      name: 'f',
      pax: {
        'SCHILY.xattr.trusted.overlay.redirect': '/etc',
        'SCHILY.xattr.security.selinux': 'x',
        'SCHILY.xattr.security.capability': capability,
        'SCHILY.xattr.user.kept': 'a\0=\nb',
      },
    },
    { name: 'v3', pax: { 'SCHILY.xattr.security.capability': inNamespace } },
  );
  expect(xattr('d', 'trusted.overlay.opaque')).toBeUndefined();
  expect(xattr('d', 'user.overlay.opaque')).toBeUndefined();
  expect(xattr('f', 'trusted.overlay.redirect')).toBeUndefined();
  expect(xattr('f', 'security.selinux')).toBeUndefined();
  expect(xattr('f', 'security.capability')).toBe(capability.toString('hex'));
  expect(xattr('v3', 'security.capability')).toBe(capability.toString('hex'));
  expect(xattr('f', 'user.kept')).toBe(Buffer.from('a\0=\nb').toString('hex'));
});

test('owners, modes, times, devices and fifos are as stated, directories’ times among them', () => {
  accepted(
    { name: 'd', type: '5', mode: 0o2750, uid: 12, gid: 34, mtime: 1234 },
    { name: 'd/f', content: 'x', mode: 0o4755, uid: 56, gid: 78, pax: { mtime: '99.25', uid: '3000000' } },
    { name: 'd/null', type: '3', major: 1, minor: 3, mode: 0o666 },
    { name: 'd/fifo', type: '6', mode: 0o622 },
    { name: 'd/old', pax: { mtime: '-1.25' } },
  );
  expect(lstatSync(inRoot('d'))).toMatchObject({ uid: 12, gid: 34, mtimeMs: 1_234_000, mode: 0o42750 });
  expect(lstatSync(inRoot('d/f'))).toMatchObject({
    uid: 3_000_000,
    gid: 78,
    mtimeMs: 99_250,
    mode: 0o104755,
  });
  expect(lstatSync(inRoot('d/old')).mtimeMs).toBe(-1250);
  expect(lstatSync(inRoot('d/null'))).toMatchObject({ rdev: 0x103, mode: 0o20666 });
  expect(lstatSync(inRoot('d/fifo')).isFIFO()).toBe(true);
});

test('the last of several entries with one name wins, whatever the types', () => {
  accepted(
    { name: 'a', content: 'first' },
    { name: 'a', content: 'second' },
    { name: 'b/deep/er', content: 'x' },
    { name: 'b', content: 'file' },
    { name: 'c', content: 'file' },
    { name: 'c', type: '5' },
    { name: 'c/in', content: 'x' },
    { name: 'keep/in', content: 'x' },
    { name: 'keep', type: '5', mode: 0o700 },
    { name: 'l', type: '5' },
    { name: 'l', type: '2', link: 'keep' },
    { name: 'l/through', content: 'y' },
  );
  expect(readFileSync(inRoot('a'), 'utf8')).toBe('second');
  expect(readFileSync(inRoot('b'), 'utf8')).toBe('file');
  expect(readdirSync(inRoot('c'))).toEqual(['in']);
  expect(readdirSync(inRoot('keep')).sort()).toEqual(['in', 'through']);
});

describe('headers that lie', () => {
  const good = member({ name: 'good', content: 'x' });
  test.each<[string, Buffer]>([
    ['a wrong checksum', archive({ name: 'x', wrongChecksum: true })],
    ['an end in the middle of content', archive({ name: 'x', content: 'y'.repeat(5000) }).subarray(0, 1024)],
    ['an end in the middle of a header', good.subarray(0, 300)],
    ['a negative size', archive({ name: 'x', rawSize: Buffer.from('ffffffffffffffffffffffff', 'hex') })],
    [
      'a size beyond all measure',
      archive({ name: 'x', rawSize: Buffer.from('80ffffffffffffffffffffff', 'hex') }),
    ],
    ['letters in the size', archive({ name: 'x', rawSize: Buffer.from('0000000000z\0') })],
    ['a pax length that is short', archive(extension('x', Buffer.from('11 path=12345\n')), { name: 'x' })],
    ['a pax length that is long', archive(extension('x', Buffer.from('99 path=1\n')), { name: 'x' })],
    ['a pax record without "="', archive(extension('x', Buffer.from('8 path1\n')), { name: 'x' })],
    ['a pax name with NUL', archive({ name: 'x', pax: { path: 'a\0b' } })],
    ['a pax size that is negative', archive({ name: 'x', pax: { size: '-1' } })],
    ['a pax uid out of range', archive({ name: 'x', pax: { uid: '4294967295' } })],
    ['a header of 2 MiB', archive(extension('x', paxRecord('comment', 'c'.repeat(2 << 20))), { name: 'x' })],
    [
      '129 attributes',
      archive({
        name: 'x',
        pax: Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`SCHILY.xattr.user.a${i}`, 'v'])),
      }),
    ],
    ['GNU sparse files', archive({ name: 'x', type: 'S' })],
    ['pax sparse files', archive({ name: 'x', pax: { 'GNU.sparse.major': '1' } })],
    ['an unknown type', archive({ name: 'x', type: 'Z' })],
    ['a device number out of range', archive({ name: 'x', type: '3', major: 0o7777777, minor: 1 })],
    ['something that is no tar at all', Buffer.alloc(2048, '<html>')],
  ])('%s is refused', (_what, tar) => {
    refused(tar);
  });

  test('a size on an extension header counts for the member alone, and smuggles nothing', () => {
    accepted(
      extension('x', paxRecord('size', '512')),
      extension('L', Buffer.from('long-name\0')),
      member({ name: 'short', content: 's'.repeat(512), size: 512 }),
      { name: 'next', content: 'n' },
    );
    expect(readdirSync(layerRoot()).sort()).toEqual(['long-name', 'next']);
  });
  test('a directory with a size has no content', () => {
    accepted({ name: 'd', type: '5', size: 512 }, { name: 'f', content: 'x' });
    expect(readdirSync(layerRoot()).sort()).toEqual(['d', 'f']);
  });
  test('global headers are passed over, an empty archive is an empty layer', () => {
    accepted(extension('g', paxRecord('path', 'smuggled')), { name: 'f', content: 'x' });
    expect(readdirSync(layerRoot())).toEqual(['f']);
    expect(unpack(Buffer.alloc(0)).status).toBe(0);
  });
});

describe('limits', () => {
  test('bytes, counted before they are written', () => {
    const { result } = unpack(
      archive({ name: 'a', content: 'x'.repeat(600) }, { name: 'b', content: 'x'.repeat(600) }),
      1000,
    );
    expect(result).toMatchObject({ code: 'layer-too-large', message: expect.stringContaining('1000 bytes') });
    expect(existsSync(inRoot('b'))).toBe(false);
  });
  test('entries, extension headers among them', () => {
    const many = Array.from({ length: 50 }, () => extension('g', paxRecord('comment', 'c')));
    expect(unpack(archive(...many, { name: 'f' }), 1000, 20).result.code).toBe('layer-too-large');
    expect(
      unpack(archive(...Array.from({ length: 21 }, (_, i) => ({ name: `f${i}` }))), 1000, 20).result.code,
    ).toBe('layer-too-large');
  });
});

test('the unpacker cannot leave its directory, run anything or change its identity', () => {
  expect(tree('escape', layerRoot()).status).toBe(0);
});
