/** The exit file that a monitor leaves: how a container ended while nobody watched. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRfc3339 } from '../clock';
import { Reader } from '../warden/codec';
import { readExit } from '../warden/monitor';
import type { ExitStatus } from '../warden/monitor';
import type { Container } from './container';

/** @returns undefined when there is none */
function readExitFile(containerDirectory: string): ExitStatus | undefined {
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

/** What it says of the latest run; an older run's is of no interest. */
export function recordedExit(container: Container, directory: string): ExitStatus | undefined {
  const status = readExitFile(directory);
  return status !== undefined && status.finishedAtNs >= parseRfc3339(container.state.startedAt)
    ? status
    : undefined;
}
