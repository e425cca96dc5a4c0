/**
 * The images that are in the package: `berth/base` (busybox) and `berth/hello`, as an OCI layout in `dist/images`.
 * They make the first run work with no registry in reach.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, run } from './lib/command.mjs';
import { OciLayout, architecture } from './lib/oci-layout.mjs';
import { dist, projectRoot } from './lib/paths.mjs';
import { tar } from './lib/tar.mjs';

/** 2024-01-01T00:00:00Z */
const fixedTime = 1704067200;
const created = '2024-01-01T00:00:00Z';
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const busyboxPath = () => {
  const found = ['/bin/busybox', '/usr/bin/busybox'].find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw new Failure('busybox is missing; install the package busybox-static and run this again');
  return found;
};

const directory = (name, mode = 0o755) => ({ name, type: 'directory', mode });
const file = (name, text, mode = 0o644) => ({ name, type: 'file', mode, data: Buffer.from(text) });

function baseEntries(busybox) {
  const applets = run(undefined, [busybox, '--list-full'])
    .trim()
    .split('\n')
    .filter((name) => name !== 'bin/busybox' && /^(usr\/)?s?bin\/[^/]+$/.test(name));
  const entries = [
    directory('bin'),
    directory('sbin'),
    directory('usr'),
    directory('usr/bin'),
    directory('usr/sbin'),
    directory('usr/local'),
    directory('usr/local/bin'),
    directory('dev'),
    directory('proc'),
    directory('sys'),
    directory('run'),
    directory('mnt'),
    directory('opt'),
    directory('srv'),
    directory('etc'),
    directory('home'),
    directory('root', 0o700),
    directory('tmp', 0o1777),
    directory('var'),
    directory('var/log'),
    directory('var/tmp', 0o1777),
    directory('var/spool'),
    { name: 'bin/busybox', type: 'file', mode: 0o755, data: readFileSync(busybox) },
    ...applets.map((name) => ({ name, type: 'symlink', mode: 0o777, target: '/bin/busybox' })),
    file(
      'etc/passwd',
      'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n',
    ),
    file('etc/group', 'root:x:0:\ndaemon:x:1:\ntty:x:5:\nnogroup:x:65534:\n'),
    file(
      'etc/shadow',
      'root:*:19723:0:99999:7:::\ndaemon:*:19723:0:99999:7:::\nnobody:*:19723:0:99999:7:::\n',
      0o640,
    ),
    file('etc/profile', `export ${path}\nexport PS1='\\u@\\h:\\w\\$ '\n`),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    file(
      'etc/os-release',
      'NAME="Berth base"\nID=berth-base\nPRETTY_NAME="Berth base (busybox)"\nHOME_URL="https://github.com/berth-dev/berth"\n',
    ),
  ];
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const helloEntries = () => [
  directory('usr'),
  directory('usr/local'),
  directory('usr/local/bin'),
  file('usr/local/bin/hello', readFileSync(join(projectRoot, 'scripts', 'hello.sh'), 'utf8'), 0o755),
];

/** What the layout is made from; nothing is done when it has not changed. */
function inputs(busybox) {
  const hash = createHash('sha256').update(architecture);
  for (const source of [
    busybox,
    import.meta.filename,
    ...['hello.sh', 'lib/tar.mjs', 'lib/oci-layout.mjs'].map((name) => join(projectRoot, 'scripts', name)),
  ]) {
    hash.update(readFileSync(source));
  }
  return hash.digest('hex');
}

/** Builds `dist/images` when it is missing or stale. */
export async function buildEmbeddedImages() {
  const busybox = busyboxPath();
  const wanted = inputs(busybox);
  const target = join(dist, 'images');
  const stamp = join(target, '.inputs');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(dist, { recursive: true });
  const fresh = join(dist, `images.new-${process.pid}`);
  const layout = new OciLayout(fresh);
  const base = layout.layer(tar(baseEntries(busybox), fixedTime));
  const hello = layout.layer(tar(helloEntries(), fixedTime));
  layout.image('berth/base:latest', {
    layers: [base],
    created,
    config: { Env: [path], Cmd: ['sh'], WorkingDir: '/' },
    history: ['busybox and its applets'],
  });
  layout.image('berth/hello:latest', {
    layers: [base, hello],
    created,
    config: { Env: [path], Cmd: ['hello'], WorkingDir: '/' },
    history: ['busybox and its applets', 'hello'],
  });
  layout.finish();
  writeFileSync(join(fresh, '.inputs'), wanted);
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
}

if (process.argv[1] === import.meta.filename) await buildEmbeddedImages();
