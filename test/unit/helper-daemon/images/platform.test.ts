import { describe, expect, test } from 'vitest';
import { choosePlatform, hostPlatform, parsePlatform } from '../../../../helper-daemon/images/platform';
import type { IndexEntry } from '../../../../helper-daemon/images/manifest';

const entry = (name: string, os: string, architecture: string, variant?: string): IndexEntry => ({
  mediaType: name,
  digest: `sha256:${'0'.repeat(64)}`,
  size: 1,
  platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
});
const { platform: _, ...bare } = entry('bare', 'linux', 'amd64');

const index = [
  bare,
  entry('attestation', 'unknown', 'unknown'),
  entry('windows', 'windows', 'amd64'),
  entry('amd64', 'linux', 'amd64'),
  entry('armv6', 'linux', 'arm', 'v6'),
  entry('armv7', 'linux', 'arm', 'v7'),
  entry('arm64', 'linux', 'arm64'),
];

describe('of an index, the entry that fits', () => {
  test.each([
    ['linux/amd64', 'amd64'],
    ['amd64', 'amd64'],
    ['linux/x86_64', 'amd64'],
    ['linux/arm/v7', 'armv7'],
    ['linux/arm', 'armv6'],
    ['linux/arm64/v8', 'arm64'],
    ['linux/aarch64', 'arm64'],
  ])('%s → %s', (wanted, chosen) => {
    expect(choosePlatform(index, parsePlatform(wanted), 'x').mediaType).toBe(chosen);
  });

  test('this machine’s own', () => {
    expect(choosePlatform(index, hostPlatform, 'x').mediaType).toBe(hostPlatform.architecture);
  });

  test('none: Docker’s words, and what there is instead', () => {
    expect(() => choosePlatform(index, parsePlatform('linux/riscv64'), 'app:1')).toThrow(
      'no matching manifest for linux/riscv64 in the manifest list entries of app:1; it is there for windows/amd64, linux/amd64, linux/arm/v6, linux/arm/v7, linux/arm64',
    );
    expect(() => choosePlatform([], hostPlatform, 'app:1')).toThrow('no matching manifest');
  });
});

test.each(['linux/amd64/a/b', 'linux/../x', 'lin ux', '/'])('%j is no platform', (text) => {
  expect(() => parsePlatform(text)).toThrow('invalid platform');
});
