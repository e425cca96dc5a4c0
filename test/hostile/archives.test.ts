/** Hostile archives on the whole way of an image, through the API: what gets in stays in its layer, what is refused leaves nothing. */
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { archive } from '../engine/native/tar-archive';
import { call, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { get, importTar, stored, unfinished } from '../harness/images-api';

let daemon: TestDaemon;
/** A directory of the host that archives try to reach. */
let victim = '';
beforeAll(async () => {
  victim = mkdtempSync(join(tmpdir(), 'berth-victim-'));
  writeFileSync(join(victim, 'hello'), 'untouched');
  daemon = await startDaemon();
});
afterAll(async () => {
  rmSync(victim, { recursive: true });
  await daemon.stop();
});
afterEach(async () => {
  for (const { Id } of await get(daemon.socket, '/images/json'))
    await call(daemon.socket, 'DELETE', `/images/${Id}?force=1`);
  expect(stored(daemon.root)).toEqual({ layers: [], blobs: [] });
  expect(readFileSync(join(victim, 'hello'), 'utf8')).toBe('untouched');
  expect(existsSync(join(victim, 'x'))).toBe(false);
});

async function expectRefused(bytes: Buffer | Readable, message: RegExp) {
  const { error } = await importTar(daemon.socket, bytes, 'evil');
  expect(error).toMatch(message);
  expect(stored(daemon.root)).toEqual({ layers: [], blobs: [] });
  expect(unfinished(daemon.root)).toEqual([]);
}

/** @returns the directory of the only layer */
async function imported(bytes: Buffer): Promise<string> {
  const { error } = await importTar(daemon.socket, bytes, 'odd');
  expect(error).toBeUndefined();
  return join(daemon.root, 'layers', stored(daemon.root).layers[0] ?? 'none');
}

describe('ways out', () => {
  test('a name that climbs', () =>
    expectRefused(archive({ name: `../../../../../../${victim}/x`, content: 'x' }), /leaves the layer/));

  test('a link to a directory of the host, then a file through it: made inside the layer', async () => {
    const layer = await imported(
      archive({ name: 'link', type: '2', link: victim }, { name: 'link/x', content: 'x' }),
    );
    expect(lstatSync(join(layer, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(layer, victim, 'x'), 'utf8')).toBe('x');
  });

  test('a hard link to a file of the host', () =>
    expectRefused(
      archive({ name: 'stolen', type: '1', link: `../../../../../..${victim}/hello` }),
      /failed to register layer/,
    ));
});

describe('damaged and deceiving compression', () => {
  const tar = archive({ name: 'file', content: 'x'.repeat(100_000) });

  test('gzip that ends too early', () =>
    expectRefused(gzipSync(tar).subarray(0, 60), /failed to register layer/));
  test('zstd that ends too early', () =>
    expectRefused(zstdCompressSync(tar).subarray(0, 20), /failed to register layer/));
  test('gzip with a changed byte', () => {
    const bytes = gzipSync(tar);
    bytes[bytes.length - 6] = (bytes[bytes.length - 6] ?? 0) ^ 0xff;
    return expectRefused(bytes, /failed to register layer/);
  });
  test('no archive at all', () =>
    expectRefused(
      Buffer.from('#!/bin/sh\necho this is no archive\n'.repeat(50)),
      /failed to register layer/,
    ));
  test('nothing', () => expectRefused(Buffer.alloc(0), /empty/));
  test('several gzip members are one archive', async () => {
    const layer = await imported(
      Buffer.concat([gzipSync(tar.subarray(0, 70_000)), gzipSync(tar.subarray(70_000))]),
    );
    expect(lstatSync(join(layer, 'file')).size).toBe(100_000);
  });

  test('a member that promises eight terabytes: refused before the disk is touched', async () => {
    const { bavail } = statfsSync(daemon.root);
    await expectRefused(
      archive({ name: 'hole', pax: { size: String(2 ** 43) }, content: 'x' }),
      /failed to register layer/,
    );
    expect(bavail - statfsSync(daemon.root).bavail).toBeLessThan(100_000);
  });

  test('a stream that never ends: ended by the client’s going away, nothing left', async () => {
    const head = archive({ name: 'endless', pax: { size: String(2 ** 33) }, content: '' }).subarray(0, 1536);
    const endless = async function* () {
      yield head;
      for (let sent = 0; sent < 64; sent += 1) {
        yield Buffer.alloc(65_536);
        await new Promise((resolve) => setImmediate(resolve));
      }
      throw new Error('the client dies');
    };
    const gzip = createGzip();
    const source = Readable.from(endless());
    source.on('error', (error) => gzip.destroy(error));
    source.pipe(gzip);
    await expect(importTar(daemon.socket, gzip, 'endless')).rejects.toThrow();
    const { eventually } = await import('../harness/daemon');
    await eventually('nothing of it is left', () => stored(daemon.root).layers.length === 0);
  });
});

test('what an archive says to overlay is not passed on: the layer is what its files are', async () => {
  const layer = await imported(
    archive(
      {
        name: 'd',
        type: '5',
        pax: { 'SCHILY.xattr.trusted.overlay.opaque': 'y', 'SCHILY.xattr.trusted.overlay.redirect': '/etc' },
      },
      { name: 'd/f', content: 'x' },
    ),
  );
  const { execFileSync } = await import('node:child_process');
  const attributes = execFileSync(
    'python3',
    ['-c', 'import os,sys; print(os.listxattr(sys.argv[1]))', join(layer, 'd')],
    { encoding: 'utf8' },
  );
  expect(attributes.trim()).toBe('[]');
  expect(basename(layer)).toMatch(/^[0-9a-f]{64}$/);
});
