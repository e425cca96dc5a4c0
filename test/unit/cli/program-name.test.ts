import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { programName } from '../../../cli/program-name';

let folder: string;
let launcher: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'berth-name-')));
  mkdirSync(join(folder, 'dist', 'bin'), { recursive: true });
  mkdirSync(join(folder, 'path'));
  launcher = join(folder, 'dist', 'bin', 'berth');
  writeFileSync(launcher, '');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is the bare name where the PATH leads here, by a link too', () => {
  expect(programName({ PATH: `/none:${join(folder, 'dist', 'bin')}` }, launcher, '/none')).toBe('berth');
  symlinkSync(launcher, join(folder, 'path', 'berth'));
  expect(programName({ PATH: join(folder, 'path') }, launcher, '/none')).toBe('berth');
});

it('is a path where the PATH leads nowhere, or to another one first', () => {
  expect(programName({}, launcher, '/none')).toBe(launcher);
  writeFileSync(join(folder, 'path', 'berth'), '');
  const both = `${join(folder, 'path')}:${join(folder, 'dist', 'bin')}`;
  expect(programName({ PATH: both }, launcher, '/none')).toBe(launcher);
});

it('is short from a folder above, and fit for a shell', () => {
  expect(programName({}, launcher, folder)).toBe('./dist/bin/berth');
  expect(programName({}, "/it's here/berth", '/none')).toBe("'/it'\\''s here/berth'");
});
