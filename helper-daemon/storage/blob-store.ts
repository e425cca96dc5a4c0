/** Manifests and configurations: small content-addressed files in `ROOT/blobs/sha256`. Layers are kept unpacked, by the layer store. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../error';
import { digestOf, hexOf } from './digest';
import { explainDiskFull } from './disk-error';
import { writeDurably } from './durable-file';

const ingestPrefix = 'ingest-';

export class BlobStore {
  private readonly directory: string;

  /** @param root the engine's root directory */
  constructor(root: string) {
    this.directory = join(root, 'blobs', 'sha256');
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }

  private path(digest: string): string {
    return join(this.directory, hexOf(digest));
  }

  /**
   * Stores bytes durably.
   * @returns their digest
   * @throws EngineError 507 when the disk is full
   */
  async put(bytes: Uint8Array): Promise<string> {
    const digest = digestOf(bytes);
    try {
      await writeDurably(join(this.directory, ingestPrefix + randomUUID()), this.path(digest), bytes);
    } catch (error) {
      throw explainDiskFull(error, 'failed to store image metadata');
    }
    return digest;
  }

  /** @throws EngineError 500 `blob-damaged` when the file is missing or is not what its name says */
  async get(digest: string): Promise<Buffer> {
    const bytes = await readFile(this.path(digest)).catch((cause: unknown) => {
      throw new EngineError(
        500,
        'blob-damaged',
        `Stored image metadata ${digest} cannot be read. Remove the image and pull it again.`,
        { cause },
      );
    });
    if (digestOf(bytes) !== digest) {
      throw new EngineError(
        500,
        'blob-damaged',
        `Stored image metadata ${digest} has been changed on disk. Remove the image and pull it again.`,
      );
    }
    return bytes;
  }

  async remove(digest: string): Promise<void> {
    await rm(this.path(digest), { force: true });
  }

  /** Removes what a crash left behind, and every blob that `isReferenced` does not know. For the start, before anything is pulled. */
  async sweep(isReferenced: (digest: string) => boolean): Promise<void> {
    for (const name of await readdir(this.directory)) {
      if (name.startsWith(ingestPrefix) || !isReferenced(`sha256:${name}`))
        await rm(join(this.directory, name), { force: true });
    }
  }
}
