/** A layer directory to unpack into, confined as the warden does it, beside a directory that nothing may touch. Both are new for each test. */
import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { buildProbe, runTree } from '../engine/native/probe';
import { archive } from '../engine/native/tar-archive';
import type { Member } from '../engine/native/tar-archive';

let probe: ReturnType<typeof buildProbe>;
let directory: string;
let root: string;
let victim: string;

/** To be called once by a test file. */
export function useLayerDirectory(): void {
  beforeAll(() => {
    probe = buildProbe('tree_probe');
  });
  afterAll(() => probe.remove());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'berth-archive-'));
    root = join(directory, 'layer');
    victim = join(directory, 'victim');
    mkdirSync(root);
    mkdirSync(victim);
    writeFileSync(join(victim, 'hello'), 'untouched', { mode: 0o600 });
  });
  afterEach(() => {
    expect(readFileSync(join(victim, 'hello'), 'utf8')).toBe('untouched');
    expect(statSync(join(victim, 'hello')).mode & 0o7777).toBe(0o600);
    expect(statSync(join(victim, 'hello')).nlink).toBe(1);
    expect(readdirSync(victim)).toEqual(['hello']);
    expect(readdirSync(directory).sort()).toEqual(['layer', 'victim']);
    rmSync(directory, { recursive: true });
  });
}

export const layerRoot = () => root;
export const victimDirectory = () => victim;
/** Runs a verb of tree_probe.cc. */
export const tree = (...args: string[]) => runTree(probe.program, args);
export const unpack = (tar: Buffer, bytes = 1 << 30, entries = 100_000) =>
  runTree(probe.program, ['unpack', root, String(bytes), String(entries)], tar);
export const refused = (tar: Buffer, code = 'layer-invalid') => {
  const { status, result } = unpack(tar);
  expect({ status, code: result.code }).toEqual({ status: 1, code });
  return result.message ?? '';
};
export const accepted = (...members: (Member | Buffer)[]) => {
  const { status, result } = unpack(archive(...members));
  expect({ status, result }).toMatchObject({ status: 0 });
};
export const inRoot = (path: string) => join(root, path);
export const isWhiteout = (path: string) => {
  const stat = lstatSync(inRoot(path));
  return stat.isCharacterDevice() && stat.rdev === 0;
};
export const xattr = (path: string, name: string): string | undefined => {
  const script = 'import os, sys\nsys.stdout.buffer.write(os.getxattr(sys.argv[1], sys.argv[2]))';
  const ended = spawnSync('python3', ['-c', script, inRoot(path), name]);
  return ended.status === 0 ? ended.stdout.toString('hex') : undefined;
};
