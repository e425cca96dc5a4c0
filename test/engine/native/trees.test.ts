/** A tree goes through tar and back unchanged, and GNU tar reads what we write. */
import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProbe, runTree } from './probe';
import { archive } from './tar-archive';

let probe: ReturnType<typeof buildProbe>;
let directory: string;
beforeAll(() => {
  probe = buildProbe('tree_probe');
  directory = mkdtempSync(join(tmpdir(), 'berth-trees-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
  probe.remove();
});

/** Everything about a tree that a tar can carry. */
function describeTree(root: string): string {
  const script = `
import os, sys, hashlib
root = sys.argv[1]
first = {}
for where, dirs, files in os.walk(root):
    dirs.sort()
    for name in sorted(dirs + files + ["."]):
        path = os.path.join(where, name)
        if name == "." and where != root: continue
        s = os.lstat(path)
        relative = os.path.relpath(path, root)
        same = first.setdefault((s.st_dev, s.st_ino), relative)
        link = os.readlink(path) if os.path.islink(path) else ""
        digest = hashlib.sha256(open(path, "rb").read()).hexdigest() if os.path.isfile(path) and not link else ""
        attributes = [] if link else sorted((k, os.getxattr(path, k)) for k in os.listxattr(path))
        print(relative, oct(s.st_mode), s.st_uid, s.st_gid, s.st_rdev, s.st_mtime_ns, same, link, digest, attributes)
`;
  return execFileSync('python3', ['-c', script, root], { maxBuffer: 1 << 28 }).toString();
}

const place = (name: string) => {
  const path = join(directory, name);
  mkdirSync(path);
  return path;
};
const limits = [String(2 ** 33), '1000000'];

test('a real tree made by GNU tar arrives whole, and goes out and in again the same', () => {
  const tar = execFileSync(
    'tar',
    [
      '-C',
      '/',
      '--xattrs',
      '--xattrs-include=*',
      '--format=pax',
      '-cf',
      '-',
      'etc',
      'bin',
      'usr/share/zoneinfo',
    ],
    {
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const byTar = place('by-tar');
  const ours = place('ours');
  execFileSync('tar', ['-C', byTar, '--xattrs', '--xattrs-include=*', '--numeric-owner', '-xpf', '-'], {
    input: tar,
  });
  expect(runTree(probe.program, ['unpack', ours, ...limits], tar).status).toBe(0);
  // Directories that the archive only implies have the time of their making.
  for (const path of [byTar, ours])
    execFileSync('touch', ['-d', '@0', path, join(path, 'usr'), join(path, 'usr/share')]);
  const expected = describeTree(byTar);
  expect(expected.split('\n').length).toBeGreaterThan(500);
  expect(describeTree(ours)).toBe(expected);

  const out = runTree(probe.program, ['tar', ours]);
  const again = place('again');
  expect(runTree(probe.program, ['unpack', again, ...limits], out.stdout).status).toBe(0);
  expect(describeTree(again)).toBe(expected);
  expect(runTree(probe.program, ['tar', again]).stdout.equals(out.stdout)).toBe(true);
  const listed = execFileSync('tar', ['-tf', '-'], { input: out.stdout, maxBuffer: 1 << 28 }).toString();
  expect(listed.trim().split('\n').length).toBe(out.result.entries);
});

test('whiteouts, long names, large ids, early times and hard links survive the round trip', () => {
  const source = place('source');
  const long = `${'d'.repeat(90)}/${'e'.repeat(120)}/${'f'.repeat(200)}`;
  const tar = archive(
    { name: 'x', pax: { path: long, uid: '4000000', gid: '4000001', mtime: '-12345.5' }, content: 'long' },
    { name: 'hard', type: '1', link: 'x', pax: { linkpath: long } },
    { name: '.wh.gone' },
    { name: 'opaque', type: '5' },
    { name: 'opaque/.wh..wh..opq' },
    { name: 's', type: '2', link: 'x', pax: { linkpath: '../'.repeat(60) } },
    { name: 'fifo', type: '6' },
    { name: 'a', content: 'a', pax: { 'SCHILY.xattr.user.binary': Buffer.from([0, 10, 61, 255]) } },
  );
  expect(runTree(probe.program, ['unpack', source, ...limits], tar).status).toBe(0);
  const out = runTree(probe.program, ['tar', source]);
  const names = execFileSync('tar', ['-tf', '-'], { input: out.stdout }).toString().split('\n');
  expect(names).toEqual(expect.arrayContaining(['.wh.gone', 'opaque/.wh..wh..opq']));
  const target = place('target');
  expect(runTree(probe.program, ['unpack', target, ...limits], out.stdout).status).toBe(0);
  // A whiteout's own time says nothing: it is that of its making.
  const comparable = (tree: string) => describeTree(tree).replace(/^(gone 0o20000 0 0 0) \d+/m, '$1');
  expect(comparable(target)).toBe(comparable(source));
  expect(comparable(target)).toMatch(/^gone 0o20000/m);
  expect(lstatSync(join(target, 'hard')).nlink).toBe(2);
});

test('a reader that leaves early ends the archiving with an error', () => {
  const ended = spawnSync('bash', [
    '-c',
    `trap '' PIPE; "$0" tar /usr/share 2>"$1" | head -c 1000 >/dev/null; exit "\${PIPESTATUS[0]}"`,
    probe.program,
    join(directory, 'error'),
  ]);
  expect(ended.status).toBe(1);
  expect(execFileSync('cat', [join(directory, 'error')]).toString()).toContain('EPIPE');
  expect(readdirSync(directory)).toContain('error');
});
