/** Writing a file so that after a crash it is either absent or whole: ingest file, fsync, rename, fsync of the directory. */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * @param ingest a path that nobody else uses, on the same file system as `path`; gone afterwards, also on failure
 * @param path the final name
 */
export async function writeDurably(ingest: string, path: string, bytes: Uint8Array): Promise<void> {
  try {
    const file = await open(ingest, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(ingest, path);
  } catch (error) {
    await rm(ingest, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}
