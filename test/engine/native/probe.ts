/** Small programs around the native rooms' functions, compiled against the library that the build made. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const projectRoot = dirname(dirname(dirname(here)));

/** Compiles `<name>.cc` of this folder; returns the program and a function that removes it. */
export function buildProbe(name: string): { program: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'berth-probe-'));
  const program = join(directory, name);
  const flags = ['-O1', '-std=c++20', '-D_GNU_SOURCE', '-fno-exceptions', '-fno-rtti', '-static'];
  const include = `-I${join(projectRoot, 'helper-daemon', 'native')}`;
  const library = join(projectRoot, 'dist', 'obj', 'libberth.a');
  execFileSync('g++', [...flags, include, join(here, `${name}.cc`), library, '-o', program]);
  return { program, remove: () => rmSync(directory, { recursive: true }) };
}

export interface TreeResult {
  readonly status: number | null;
  readonly stdout: Buffer;
  /** `{entries, bytes}`, `{count}`, or `{code, message}` of an error. */
  readonly result: { entries?: number; bytes?: number; count?: number; code?: string; message?: string };
}

/** Runs one verb of tree_probe.cc. */
export function runTree(program: string, args: readonly string[], input?: Buffer): TreeResult {
  const ended = spawnSync(program, args, { input: input ?? Buffer.alloc(0), maxBuffer: 1 << 28 });
  if (ended.signal !== null) throw new Error(`${args.join(' ')} ended by ${ended.signal}`);
  const lines = ended.stderr.toString().trim();
  return { status: ended.status, stdout: ended.stdout, result: lines === '' ? {} : JSON.parse(lines) };
}
