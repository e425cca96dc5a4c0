/**
 * The Debian development image (`berth/debian-dev`): what the examples, the editor tests and the README open. Made once by debootstrap,
 * kept in the cache outside the checkout, and made again only when this recipe or the Node it carries changes.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { bootstrap, nodeHome } from './lib/bootstrap.mjs';
import { Failure, run, runMain } from './lib/command.mjs';
import { cache } from './lib/paths.mjs';
import { tar, treeEntries } from './lib/tar.mjs';

export const developmentImageName = 'berth/debian-dev:latest';

const recipeVersion = 1;
const suite = 'bookworm';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const packages = [
  'ca-certificates',
  'curl',
  'git',
  'less',
  'libc6',
  'libstdc++6',
  'openssh-client',
  'procps',
  'sudo',
];
/** 2024-01-01: every file's time, so that a digest tells about content and not about the day it was made. */
const fixedTime = 1704067200;
const changes = [
  'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'ENV LANG=C.UTF-8',
  'CMD ["bash"]',
  'LABEL dev.berth.image=debian-dev',
];
const labelDigest = 'dev.berth.image.digest';

/** Content that differs from run to run, or that nobody needs in a container. */
function judge(name) {
  const emptied = [
    'dev',
    'proc',
    'sys',
    'run',
    'tmp',
    'var/tmp',
    'var/cache/apt',
    'var/lib/apt/lists',
    'var/cache/debconf',
    'var/log',
    'etc/machine-id',
  ];
  if (emptied.includes(name)) return 'empty';
  const removed = [
    /^var\/cache\/ldconfig\/aux-cache$/,
    /^etc\/(resolv\.conf|hostname)$/,
    /^var\/lib\/dbus\/machine-id$/,
    /^etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/,
    /^var\/lib\/dpkg\/.*-old$/,
    /^debootstrap$/,
    /\.pyc$/,
  ];
  return removed.some((pattern) => pattern.test(name)) ? 'skip' : 'keep';
}

/** Where this machine gets Debian's packages; none (then debootstrap takes its own default) where it is no Debian. */
function debianMirror() {
  const format = '$(REPO_URI) $(CODENAME) $(ORIGIN) $(COMPONENT)';
  const targets = run(undefined, ['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  const known = targets.split('\n').map((line) => line.split(' '));
  return known.find(
    ([, codename, origin, component]) => codename === suite && origin === 'Debian' && component === 'main',
  )?.[0];
}

/** What the image is made of; its change is the only reason to make it again. */
function recipe() {
  const node = JSON.parse(readFileSync(join(nodeHome, 'package.json'), 'utf8')).version;
  return { recipeVersion, suite, architecture: process.arch, packages, node };
}

const recipeKey = () => createHash('sha256').update(JSON.stringify(recipe())).digest('hex').slice(0, 16);

function installNode(root) {
  const target = join(root, 'usr/local');
  for (const part of ['bin', 'include', 'share']) {
    const source = join(nodeHome, part);
    if (existsSync(source)) cpSync(source, join(target, part), { recursive: true, verbatimSymlinks: true });
  }
  mkdirSync(join(target, 'lib/node_modules'), { recursive: true });
  cpSync(npmDirectory(), join(target, 'lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  for (const [command, script] of [
    ['npm', 'npm-cli.js'],
    ['npx', 'npx-cli.js'],
  ]) {
    rmSync(join(target, 'bin', command), { force: true });
    symlinkSync(`../lib/node_modules/npm/bin/${script}`, join(target, 'bin', command));
    chmodSync(join(target, 'lib/node_modules/npm/bin', script), 0o755);
  }
  run(undefined, ['chown', '-R', '0:0', target]);
}

/** The npm that is on this machine's PATH: npm has no package of its own beside Node's that this script could take. */
function npmDirectory() {
  const command = (process.env.PATH ?? '')
    .split(':')
    .map((directory) => join(directory, 'npm'))
    .find((path) => existsSync(path));
  const found = command === undefined ? undefined : dirname(dirname(realpathSync(command)));
  if (found === undefined || !existsSync(join(found, 'bin/npm-cli.js')))
    throw new Failure('npm is not on the PATH; install it (Debian: apt-get install npm) and run this again');
  return found;
}

function addDeveloper(root) {
  run(undefined, [
    'chroot',
    root,
    '/usr/sbin/useradd',
    '--uid',
    '1000',
    '--create-home',
    '--shell',
    '/bin/bash',
    'vscode',
  ]);
  const sudoers = join(root, 'etc/sudoers.d/vscode');
  writeFileSync(sudoers, 'vscode ALL=(root) NOPASSWD:ALL\n');
  chmodSync(sudoers, 0o440);
  // The day of the last password change is the day of the build: set it to the fixed one.
  run(undefined, [
    'chroot',
    root,
    '/bin/sh',
    '-c',
    `sed -i -E 's/^([^:]*:[^:]*):[0-9]+:/\\1:${Math.floor(fixedTime / 86400)}:/' /etc/shadow`,
  ]);
}

async function make(directory) {
  if (process.getuid() !== 0)
    throw new Failure(
      `the development image is made by debootstrap, which needs root; run this once as root (it is then kept in ${cache})`,
    );
  mkdirSync(cache, { recursive: true });
  removeAbandoned();
  const work = mkdtempSync(join(cache, `development-image.new-${process.pid}-`));
  try {
    const root = join(work, 'root');
    run('Making the Debian development image (some minutes, once)', [
      'debootstrap',
      '--variant=minbase',
      `--keyring=${keyring}`,
      `--include=${packages.join(',')}`,
      suite,
      root,
      ...[debianMirror()].filter((mirror) => mirror !== undefined),
    ]);
    installNode(root);
    addDeveloper(root);
    const versions = run(undefined, ['chroot', root, 'dpkg-query', '-W', '-f', '${Package}=${Version}\\n']);
    const result = join(work, 'result');
    mkdirSync(result);
    const hash = createHash('sha256');
    const bytes = function* () {
      for (const chunk of tar(treeEntries(root, judge), fixedTime)) {
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(
      Readable.from(bytes(), { objectMode: false }),
      createZstdCompress(),
      createWriteStream(join(result, 'rootfs.tar.zst')),
    );
    writeFileSync(join(result, 'packages.txt'), versions);
    const packagesKey = createHash('sha256').update(versions).digest('hex');
    writeFileSync(
      join(result, 'image.json'),
      `${JSON.stringify({ ...recipe(), packagesKey, diffId: `sha256:${hash.digest('hex')}` }, null, 2)}\n`,
    );
    mkdirSync(join(directory, '..'), { recursive: true });
    try {
      renameSync(result, directory);
    } catch (error) {
      if (!existsSync(join(directory, 'image.json'))) throw error; // else another process was first, with the same image
    }
  } finally {
    discardWork(work);
  }
}

function discardWork(work) {
  unmountBeneath(work);
  rmSync(work, { recursive: true, force: true });
}

/** What a process that was killed in the middle has left. */
function removeAbandoned() {
  for (const name of readdirSync(cache)) {
    const pid = /^development-image\.new-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) discardWork(join(cache, name));
  }
}

/** A debootstrap that was interrupted leaves /proc mounted; nothing may be removed before it is gone. */
function unmountBeneath(root) {
  const mounted = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${root}/`));
  for (const path of mounted.reverse()) run(undefined, ['umount', path]);
}

/**
 * @returns {Promise<{path: string, diffId: string}>} a zstd-compressed tar of the root file system in the cache, and the digest of the tar
 */
export async function ensureDevelopmentImage() {
  const directory = join(cache, 'development-image', recipeKey());
  if (!existsSync(join(directory, 'image.json'))) await make(directory);
  const { diffId } = JSON.parse(readFileSync(join(directory, 'image.json'), 'utf8'));
  return { path: join(directory, 'rootfs.tar.zst'), diffId };
}

/** @returns {Promise<{status: number, body: string}>} */
function call(socketPath, method, path, body) {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined ? {} : { 'Content-Type': 'application/x-tar', 'Content-Length': body.size };
    const sent = request({ socketPath, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, body: text })).on('error', reject);
    });
    sent.on('error', reject);
    if (body === undefined) sent.end();
    else pipeline(body.stream, sent).catch(reject);
  });
}

/**
 * Puts the development image into the engine at `socketPath` unless it is there already (some milliseconds). The caller's rights decide
 * who sees it: imported by an administrator, everybody does.
 * @param {string} socketPath
 * @param {string} [name]
 * @returns {Promise<{imported: boolean}>}
 */
export async function importDevelopmentImage(socketPath, name = developmentImageName) {
  const { path, diffId } = await ensureDevelopmentImage();
  const present = await call(socketPath, 'GET', `/images/${name}/json`);
  if (present.status === 200 && JSON.parse(present.body).Config?.Labels?.[labelDigest] === diffId)
    return { imported: false };
  const colon = name.lastIndexOf(':');
  const query = new URLSearchParams({ fromSrc: '-', repo: name.slice(0, colon), tag: name.slice(colon + 1) });
  for (const change of [...changes, `LABEL ${labelDigest}=${diffId}`]) query.append('changes', change);
  const answer = await call(socketPath, 'POST', `/images/create?${query}`, {
    stream: createReadStream(path),
    size: statSync(path).size,
  });
  const failed = /"error":"((?:[^"\\]|\\.)*)"/.exec(answer.body);
  if (answer.status !== 200 || failed !== null)
    throw new Failure(`the development image could not be imported: ${failed?.[1] ?? answer.body}`);
  return { imported: true };
}

if (process.argv[1] === import.meta.filename) {
  await runMain(async () => {
    bootstrap('start');
    const { path, diffId } = await ensureDevelopmentImage();
    process.stdout.write(`${path}\n${diffId}\n`);
  });
}
