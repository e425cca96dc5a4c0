import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BlobStore } from '../../../../helper-daemon/storage/blob-store';
import { chainIds, digestOf, hexOf } from '../../../../helper-daemon/storage/digest';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'berth-blobs-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});
const names = () => readdirSync(join(root, 'blobs', 'sha256'));

test('what was put is got, under its digest and nothing beside it', async () => {
  const store = new BlobStore(root);
  const digest = await store.put(Buffer.from('hello'));
  expect(digest).toBe('sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
  await store.put(Buffer.from('hello'));
  expect((await store.get(digest)).toString()).toBe('hello');
  expect(names()).toEqual([hexOf(digest)]);
});

test('a file that was changed or lost is not believed', async () => {
  const store = new BlobStore(root);
  const digest = await store.put(Buffer.from('hello'));
  writeFileSync(join(root, 'blobs', 'sha256', hexOf(digest)), 'hullo');
  await expect(store.get(digest)).rejects.toThrow('has been changed on disk');
  await store.remove(digest);
  await expect(store.get(digest)).rejects.toThrow('cannot be read');
});

test('a sweep removes what a crash left and what nobody needs', async () => {
  const store = new BlobStore(root);
  const kept = await store.put(Buffer.from('kept'));
  await store.put(Buffer.from('not needed'));
  writeFileSync(join(root, 'blobs', 'sha256', 'ingest-1'), 'half');
  await store.sweep((digest) => digest === kept);
  expect(names()).toEqual([hexOf(kept)]);
});

test('nothing but a digest becomes a path', async () => {
  const store = new BlobStore(root);
  for (const evil of [
    'sha256:../../x',
    'sha256:abc',
    `sha256:${'A'.repeat(64)}`,
    '../x',
    `md5:${'a'.repeat(32)}`,
  ]) {
    await expect(store.get(evil)).rejects.toThrow('not a digest');
  }
});

test('chain ids are the image specification’s', () => {
  const [a, b] = [digestOf(Buffer.from('a')), digestOf(Buffer.from('b'))];
  expect(chainIds([a, b])).toEqual([a, digestOf(Buffer.from(`${a} ${b}`))]);
  expect(chainIds([])).toEqual([]);
});
