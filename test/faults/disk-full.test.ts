import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { get, importTar, pull, stored, unfinished } from '../harness/images-api';
import { imageOf, layerOf, tarOf, writeLayout } from '../harness/oci-image';
import { startRegistry } from '../harness/registry';
import type { TestRegistry } from '../harness/registry';

const mebibyte = 1 << 20;
const diskBytes = 64 * mebibyte;

let directory = '';
let daemon: TestDaemon;
let registry: TestRegistry;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-disk-'));
  const file = join(directory, 'disk');
  const mount = join(directory, 'mount');
  writeFileSync(file, '');
  execFileSync('truncate', ['-s', String(diskBytes), file]);
  execFileSync('mkfs.ext4', ['-q', '-m', '0', file]);
  mkdirSync(mount);
  execFileSync('mount', ['-o', 'loop', file, mount]);
  registry = await startRegistry();
  daemon = await startDaemon({ parent: mount });
});
afterAll(async () => {
  await daemon.stop();
  await registry.stop();
  execFileSync('umount', [join(directory, 'mount')]);
  rmSync(directory, { recursive: true });
});

const free = () => {
  const { bavail, bsize } = statfsSync(daemon.root);
  return bavail * bsize;
};

test('a pull that does not fit: the reason and what to do, and the space is free again', async () => {
  // Two layers: one that fits, one that does not.
  const image = imageOf([
    layerOf(tarOf({ fits: randomBytes(8 * mebibyte) })),
    layerOf(tarOf({ big: randomBytes(100 * mebibyte) }), 'none'),
  ]);
  const layout = writeLayout({ image });
  const name = await registry.push(`oci:${layout}:image`, 'too/big:1');
  rmSync(layout, { recursive: true });
  const before = free();
  const { error } = await pull(daemon.socket, name);
  expect(error).toMatch(/no space left on device.*Free some space/s);
  expect(stored(daemon.root)).toEqual({ layers: [], blobs: [] });
  expect(unfinished(daemon.root)).toEqual([]);
  expect(await get(daemon.socket, '/images/json')).toEqual([]);
  expect(before - free()).toBeLessThan(mebibyte);
});

test('an import that does not fit, likewise', async () => {
  const { error } = await importTar(daemon.socket, tarOf({ big: randomBytes(100 * mebibyte) }), 'too-big');
  expect(error).toMatch(/no space left on device/);
  expect(stored(daemon.root)).toEqual({ layers: [], blobs: [] });
});

test('what fits still works afterwards', async () => {
  const image = imageOf([layerOf(tarOf({ small: randomBytes(2 * mebibyte) }))]);
  const layout = writeLayout({ image });
  const name = await registry.push(`oci:${layout}:image`, 'fits/well:1');
  rmSync(layout, { recursive: true });
  const { error } = await pull(daemon.socket, name);
  expect(error).toBeUndefined();
  expect(await get(daemon.socket, `/images/${name}/json`)).toMatchObject({ Id: image.config.digest });
});
