/** The exit file that a monitor leaves: how a container ended while nobody watched. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reader } from '../warden/codec';
import { readExit } from '../warden/monitor';
import type { ExitStatus } from '../warden/monitor';

/** @returns undefined when there is none */
export function readExitFile(containerDirectory: string): ExitStatus | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(containerDirectory, 'exit'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const reader = new Reader(bytes);
  const status = readExit(reader);
  reader.end();
  return status;
}
