import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../harness/daemon';
import { packagedExtension } from './browser/prepared';

/** Digests in names change with their content; everything else is the list that users get. */
const expected = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'dist/bin/berth',
  'dist/bin/berth-runtime',
  'dist/bin/berth-warden',
  'dist/bin/berthd',
  'dist/extension.js',
  'dist/images/blobs/sha256/<digest>',
  'dist/images/index.json',
  'dist/images/oci-layout',
  'dist/lib/berth.js',
  'dist/lib/berth.node',
  'dist/lib/berthd.js',
  'dist/libexec/node',
  'media/berth.svg',
  'media/icon.png',
  'package.json',
  'package.nls.json',
];

test('the package holds what it should, and nothing else', () => {
  const vsce = join(projectRoot, 'node_modules/@vscode/vsce/vsce');
  const listed = execFileSync(process.execPath, [vsce, 'ls', '--no-dependencies'], {
    cwd: projectRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const paths = listed
    .trim()
    .split('\n')
    .map((path) => path.replace(/[0-9a-f]{64}/, '<digest>'));
  expect([...new Set(paths)].sort()).toEqual(expected);
});

test('what must be executed keeps its mode in the package', { timeout: 60_000 }, async () => {
  const list = execFileSync('python3', ['-c', listModes, await packagedExtension()], { encoding: 'utf8' });
  const modes = new Map(
    list
      .trim()
      .split('\n')
      .map((line) => line.split(' ').reverse() as [string, string]),
  );
  for (const name of ['bin/berth', 'bin/berthd', 'bin/berth-warden', 'bin/berth-runtime', 'libexec/node'])
    expect([name, Number(modes.get(`extension/dist/${name}`)) & 0o111]).toEqual([name, 0o111]);
});

const listModes = `
import sys, zipfile
for entry in zipfile.ZipFile(sys.argv[1]).infolist():
    print((entry.external_attr >> 16) & 0o777, entry.filename)
`;
