/** Walks over trees that their owner made as awkward as he could. */
import { spawnSync } from 'node:child_process';
import { linkSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { accepted, inRoot, layerRoot, tree, useLayerDirectory, victimDirectory } from './layer-directory';

useLayerDirectory();

test('removing follows no link and goes to any depth', () => {
  accepted(
    { name: 't/link', type: '2', link: '../../victim' },
    { name: 't/abs', type: '2', link: victimDirectory() },
    { name: 't/f', content: 'xyz' },
  );
  linkSync(inRoot('t/f'), inRoot('kept'));
  const deeper =
    'import os, sys\nos.chdir(sys.argv[1])\nfor i in range(3000):\n    os.mkdir("deep-directory"); os.chdir("deep-directory")\nopen("f", "w").write("12")';
  expect(spawnSync('python3', ['-c', deeper, inRoot('t')]).status).toBe(0);
  expect(tree('measure', inRoot('t')).result).toEqual({ entries: 3004, bytes: 5 });
  expect(tree('remove', layerRoot(), 't').result).toEqual({ count: 2 });
  expect(readdirSync(layerRoot())).toEqual(['kept']);
  expect(tree('remove', layerRoot(), 't').result).toEqual({ count: 0 });
  expect(tree('remove', layerRoot(), '..').result.code).toBe('bad-request');
});

test('giving ownership touches exactly the range, and no target of a link', () => {
  accepted(
    { name: 'in', type: '5', uid: 100_000, gid: 100_000 },
    { name: 'in/file', content: 'x', uid: 100_999, gid: 7 },
    { name: 'in/link', type: '2', link: victimDirectory(), uid: 100_001, gid: 100_001 },
    { name: 'out', content: 'x', uid: 165_536, gid: 165_536 },
  );
  expect(tree('own', layerRoot(), '100000', '65536', '1000', '1001').result).toEqual({
    count: 3,
  });
  expect(lstatSync(inRoot('in'))).toMatchObject({ uid: 1000, gid: 1001 });
  expect(lstatSync(inRoot('in/file'))).toMatchObject({ uid: 1000, gid: 7 });
  expect(lstatSync(inRoot('in/link'))).toMatchObject({ uid: 1000, gid: 1001 });
  expect(lstatSync(inRoot('out'))).toMatchObject({ uid: 165_536, gid: 165_536 });
  expect(statSync(victimDirectory()).uid).toBe(0);
});
