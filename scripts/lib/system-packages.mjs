/** What a task needs from the system, how to see that it is there, and the Debian package that brings it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, run } from './command.mjs';

const onPath = (name) => () =>
  (process.env.PATH ?? '').split(':').some((dir) => existsSync(join(dir, name))) ||
  existsSync(`/usr/sbin/${name}`);
const file =
  (...paths) =>
  () =>
    paths.some((path) => existsSync(path));
const zstd = ['/usr/lib/x86_64-linux-gnu/libzstd.a', '/usr/lib/aarch64-linux-gnu/libzstd.a'];

const needs = {
  build: [
    { package: 'g++', present: onPath('g++') },
    { package: 'make', present: onPath('make') },
    { package: 'libzstd-dev', present: file(...zstd) },
    { package: 'busybox-static', present: file('/bin/busybox', '/usr/bin/busybox') },
  ],
  start: [
    { package: 'debootstrap', present: onPath('debootstrap') },
    { package: 'debian-archive-keyring', present: file('/usr/share/keyrings/debian-archive-keyring.gpg') },
  ],
  tidy: [{ package: 'clang-tidy', present: onPath('clang-tidy') }],
  check: [{ package: 'clang-format', present: onPath('clang-format') }],
  test: [
    { package: 'docker-registry', present: onPath('docker-registry') },
    { package: 'skopeo', present: onPath('skopeo') },
    { package: 'redis-server', present: onPath('redis-server') },
    { package: 'redis-tools', present: onPath('redis-cli') },
    { package: 'openssl', present: onPath('openssl') },
    { package: 'chromium', present: onPath('chromium') },
    { package: 'libkrb5-dev', present: file('/usr/include/krb5.h') },
    { package: 'pkg-config', present: onPath('pkg-config') },
    { package: 'python3', present: onPath('python3') },
    { package: 'docker.io', present: onPath('docker') },
    { package: 'git', present: onPath('git') },
    { package: 'iproute2', present: onPath('ip') },
    { package: 'nftables', present: onPath('nft') },
    { package: 'e2fsprogs', present: onPath('mkfs.ext4') },
  ],
  editor: [
    { package: 'libkrb5-dev', present: file('/usr/include/krb5.h') },
    { package: 'pkg-config', present: onPath('pkg-config') },
    { package: 'python3', present: onPath('python3') },
  ],
  bench: [
    { package: 'docker.io', present: onPath('dockerd') },
    { package: 'iptables', present: onPath('iptables') },
    { package: 'iproute2', present: onPath('ip') },
  ],
};

const includes = {
  build: ['build'],
  start: ['build', 'start'],
  editor: ['build', 'start', 'editor'],
  check: ['build', 'check'],
  tidy: ['build', 'tidy'],
  test: ['build', 'start', 'check', 'test'],
  bench: ['build', 'bench'],
};

/** @param {keyof typeof includes} task installs by apt what is missing; where there is no apt it says exactly what is missing */
export function ensureSystemPackages(task) {
  const missing = [
    ...new Set(
      includes[task]
        .flatMap((group) => needs[group])
        .filter((need) => !need.present())
        .map((need) => need.package),
    ),
  ];
  if (missing.length === 0) return;
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const debian = /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release);
  if (!debian)
    throw new Failure(
      `this task needs the following, named as Debian's packages; please install them and run it again: ${missing.join(' ')}`,
    );
  if (process.getuid?.() !== 0)
    throw new Failure(
      `these packages are missing; run this as root, or first: sudo apt-get install -y ${missing.join(' ')}`,
    );
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing];
  run('Refreshing the package list', ['apt-get', 'update', '-qq'], { env });
  run(`Installing ${missing.join(', ')}`, install, { env });
}
