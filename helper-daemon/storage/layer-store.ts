/**
 * The layers on this machine, each once, whoever uses it: rows in the database, content behind LayerTrees in `ROOT/layers/<hex of the diff id>`.
 * Which layers are needed is told by the rows of images; leases keep those that an image about to be recorded will need.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../log';
import type { Database, Migration } from './database';
import { hexOf } from './digest';
import type { IngestRequest, IngestedLayer } from './layer-ingest';
import { ingestLayer } from './layer-ingest';
import type { LayerAddon, LayerTrees } from './layer-trees';

export const layerMigrations: readonly Migration[] = [
  {
    name: 'layers-1',
    sql: `
      CREATE TABLE layer (
        diff_id TEXT PRIMARY KEY,
        bytes INTEGER NOT NULL,      -- of file content
        entries INTEGER NOT NULL,
        created_at INTEGER NOT NULL  -- Unix milliseconds
      ) STRICT;
    `,
  },
];

export interface Layer {
  readonly diffId: string;
  readonly bytes: number;
  readonly entries: number;
}

export class LayerStore {
  private readonly directory: string;
  private readonly leases = new Map<string, number>();
  private readonly doomed = new Set<string>();

  /** @param root the engine's root directory */
  constructor(
    root: string,
    private readonly database: Database,
    private readonly trees: LayerTrees,
    private readonly addon: LayerAddon,
    private readonly log: Log,
  ) {
    this.directory = join(root, 'layers');
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }

  path(diffId: string): string {
    return join(this.directory, hexOf(diffId));
  }

  get(diffId: string): Layer | undefined {
    const row = this.database.get('SELECT bytes, entries FROM layer WHERE diff_id = ?', diffId);
    return row === undefined
      ? undefined
      : { diffId, bytes: Number(row['bytes']), entries: Number(row['entries']) };
  }

  has(diffId: string): boolean {
    return this.get(diffId) !== undefined;
  }

  /** Bytes of file content of all layers. */
  totalBytes(): number {
    return Number(this.database.get('SELECT coalesce(sum(bytes), 0) AS total FROM layer')?.['total'] ?? 0);
  }

  /** Keeps these layers from collection until the returned function is called; they need not be here yet. Ends with the process. */
  lease(diffIds: readonly string[]): () => void {
    for (const diffId of diffIds) this.leases.set(diffId, (this.leases.get(diffId) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      for (const diffId of diffIds) {
        const left = (this.leases.get(diffId) ?? 1) - 1;
        if (left === 0) this.leases.delete(diffId);
        else this.leases.set(diffId, left);
      }
    };
  }

  /**
   * Streams a layer in. When it resolves, the layer is on the disk and recorded; when it rejects, nothing of it is left.
   * Hold a lease on `expected.diffId` around it, if that is known.
   */
  async ingest(request: IngestRequest): Promise<IngestedLayer> {
    const ingest = join(this.directory, `ingest-${randomUUID()}`);
    const layer = await ingestLayer(this.addon, this.trees, ingest, request, (path) => this.discard(path));
    try {
      await this.trees.commit(ingest, this.path(layer.diffId));
    } catch (error) {
      await this.discard(ingest);
      throw error;
    }
    this.database.run(
      'INSERT INTO layer VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      layer.diffId,
      layer.bytes,
      layer.entries,
      Date.now(),
    );
    return layer;
  }

  /**
   * Removes the layers that neither an image nor a lease needs. Row and name go in one step of the event loop, so that a pull of the same
   * layer meanwhile makes a new one and never meets this one half removed; a crash leaves at most a tree that the next start sweeps.
   * @param isReferenced does a row of an image need it
   */
  async collect(isReferenced: (diffId: string) => boolean): Promise<Layer[]> {
    const removed: (Layer & { readonly path: string })[] = [];
    for (const row of this.database.all('SELECT diff_id, bytes, entries FROM layer')) {
      const diffId = String(row['diff_id']);
      if (this.leases.has(diffId) || isReferenced(diffId)) continue;
      const path = join(this.directory, `gone-${randomUUID()}`);
      this.database.run('DELETE FROM layer WHERE diff_id = ?', diffId);
      renameSync(this.path(diffId), path);
      removed.push({ diffId, bytes: Number(row['bytes']), entries: Number(row['entries']), path });
    }
    await this.discard(...removed.map(({ path }) => path));
    return removed;
  }

  /**
   * Removes trees that nobody needs. What cannot be removed now (a warden that was killed a moment ago is not there) is tried again
   * with the next ones; the sweep of the next start is the last chance.
   */
  private async discard(...paths: readonly string[]): Promise<void> {
    for (const path of paths) this.doomed.add(path);
    for (const path of [...this.doomed]) {
      try {
        await this.trees.remove(path);
        this.doomed.delete(path);
      } catch (error) {
        this.log.warn('A layer that nobody needs could not be removed yet.', { path, error: String(error) });
      }
    }
  }

  /** Removes what a crash left: half-unpacked layers, and trees without a row. For the start, before anything is pulled. */
  async sweep(): Promise<number> {
    let removed = 0;
    for (const name of await readdir(this.directory)) {
      if (/^[0-9a-f]{64}$/.test(name) && this.has(`sha256:${name}`)) continue;
      await this.trees.remove(join(this.directory, name));
      removed += 1;
    }
    return removed;
  }
}
