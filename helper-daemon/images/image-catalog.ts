/** Finding images by what callers call them, and keeping what belongs together together: rows, metadata files, layers. */
import type { Caller } from '../api/services';
import { EngineError } from '../error';
import type { BlobStore } from '../storage/blob-store';
import { explainDiskFull } from '../storage/disk-error';
import type { Layer, LayerStore } from '../storage/layer-store';
import type { Configuration } from './image-config';
import { parseConfiguration } from './image-config';
import type { DigestRow, ImageRow, ImageRows, NewImage, TagRow } from './image-rows';
import { canonicalName, familiarName, parseReference, repositoryOf } from './reference';
import { scopesOf, sees } from './scope';
import type { Scope } from './scope';

export const noSuchImage = (name: string) => new EngineError(404, 'no-such-image', `No such image: ${name}`);

export interface Found {
  readonly image: ImageRow;
  /** The name it was found by; undefined for an id. */
  readonly tag: TagRow | undefined;
  readonly digest: DigestRow | undefined;
}

export interface RecordRequest {
  readonly image: NewImage;
  /** Metadata files that the image needs, stored before its row. */
  readonly blobs: readonly Uint8Array[];
  readonly scope: Scope;
  readonly ownerUid: number;
  readonly names: readonly {
    readonly repository: string;
    readonly tag: string | undefined;
    readonly digest: string | undefined;
  }[];
  /** Further rows in the same transaction. */
  readonly also?: () => void;
}

export class ImageCatalog {
  private readonly configurations = new Map<string, Configuration>();
  private last: Promise<unknown> = Promise.resolve();
  private readonly leases = new Map<string, number>();

  /** @param users containers that need an image, running or not */
  constructor(
    readonly rows: ImageRows,
    readonly layers: LayerStore,
    private readonly blobs: BlobStore,
    private readonly users: (imageId: string) => readonly unknown[],
  ) {}

  /**
   * @param name a name, a name with a digest, an id, or the beginning of an id
   * @throws EngineError 404 `no-such-image`, also for an image that is there but not the caller's to see
   */
  find(caller: Caller, name: string): Found {
    const id = /^(?:sha256:)?([0-9a-f]{64})$/.exec(name)?.[1];
    if (id !== undefined) return this.visible(caller, this.rows.get(`sha256:${id}`), name);
    return this.findByName(caller, name) ?? this.findByPrefix(caller, name);
  }

  private findByName(caller: Caller, name: string): Found | undefined {
    let reference;
    try {
      reference = parseReference(name);
    } catch (error) {
      if (/^[0-9a-f]+$/i.test(name)) return undefined;
      throw error;
    }
    const repository = canonicalName(reference.repository);
    if (reference.digest !== undefined) {
      const rows = this.rows
        .digests(repository, reference.digest)
        .filter((row) => caller.admin || scopesOf(caller).includes(row.scope));
      const digest = rows[0];
      return digest === undefined
        ? undefined
        : { ...this.visible(caller, this.rows.get(digest.imageId), name), digest };
    }
    const wanted = reference.tag ?? 'latest';
    const own = scopesOf(caller).map((scope) => this.rows.tag(scope, repository, wanted));
    const tag =
      own.find((row) => row !== undefined) ??
      (caller.admin ? this.rows.anyTag(repository, wanted) : undefined);
    return tag === undefined ? undefined : { ...this.visible(caller, this.rows.get(tag.imageId), name), tag };
  }

  private findByPrefix(caller: Caller, name: string): Found {
    const prefix = /^(?:sha256:)?([0-9a-f]{1,63})$/.exec(name)?.[1];
    const seen =
      prefix === undefined
        ? []
        : this.rows.startingWith(prefix).filter((row) => sees(caller, this.rows.grants(row.id)));
    if (seen.length !== 1)
      throw noSuchImage(name.includes(':') || prefix !== undefined ? name : `${name}:latest`);
    return this.visible(caller, seen[0], name);
  }

  private visible(caller: Caller, image: ImageRow | undefined, name: string): Found {
    if (image === undefined || !sees(caller, this.rows.grants(image.id))) throw noSuchImage(name);
    return { image, tag: undefined, digest: undefined };
  }

  /** Images that the caller sees, newest first. */
  seenBy(caller: Caller): ImageRow[] {
    return this.rows.all().filter((image) => {
      const grants = this.rows.grants(image.id);
      return grants.length > 0 && sees(caller, grants);
    });
  }

  /** As users know them, without doubles: `redis:latest`. */
  tagsFor(caller: Caller, imageId: string): TagRow[] {
    return this.rows.tagsOf(imageId).filter((row) => caller.admin || scopesOf(caller).includes(row.scope));
  }

  digestsFor(caller: Caller, imageId: string): DigestRow[] {
    return this.rows.digestsOf(imageId).filter((row) => caller.admin || scopesOf(caller).includes(row.scope));
  }

  async configuration(imageId: string): Promise<Configuration> {
    const known = this.configurations.get(imageId);
    if (known !== undefined) return known;
    const parsed = parseConfiguration(await this.blobs.get(imageId));
    this.configurations.set(imageId, parsed);
    return parsed;
  }

  /** Bytes of its layers, unpacked. */
  size(imageId: string): number {
    return this.rows.diffIds(imageId).reduce((sum, diffId) => sum + (this.layers.get(diffId)?.bytes ?? 0), 0);
  }

  /** Keeps an image from being deleted until the returned function is called. */
  lease(imageId: string): () => void {
    this.leases.set(imageId, (this.leases.get(imageId) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.leases.get(imageId) ?? 1) - 1;
      if (left === 0) this.leases.delete(imageId);
      else this.leases.set(imageId, left);
    };
  }

  /** Makes an image known, with its names. Durable when it resolves; its layers must be here and leased. */
  async record(request: RecordRequest): Promise<void> {
    await this.exclusively(async () => {
      try {
        for (const bytes of request.blobs) await this.blobs.put(bytes);
        this.rows.atomically(() => {
          this.rows.add(request.image);
          this.rows.grant(request.image.id, request.scope);
          for (const name of request.names) this.name(request, name);
          request.also?.();
        });
      } catch (error) {
        await this.removeUnusedBlobs([request.image.id, request.image.manifest]);
        throw explainDiskFull(error, 'failed to record the image');
      }
    });
  }

  private name(
    { image, scope, ownerUid }: RecordRequest,
    { repository, tag, digest }: RecordRequest['names'][number],
  ): void {
    if (digest !== undefined) this.rows.setDigest({ scope, repository, digest, imageId: image.id, ownerUid });
    if (tag !== undefined) this.rows.setTag({ scope, repository, tag, imageId: image.id, ownerUid });
  }

  /**
   * Deletes images that nobody can see and no container needs, then layers that no image needs.
   * @returns what went, images first
   */
  async collect(): Promise<{ images: string[]; layers: Layer[] }> {
    const images: string[] = [];
    await this.exclusively(async () => {
      for (const image of this.rows.all()) {
        if (
          this.rows.grants(image.id).length > 0 ||
          this.leases.has(image.id) ||
          this.users(image.id).length > 0
        )
          continue;
        this.rows.delete(image.id);
        this.configurations.delete(image.id);
        await this.removeUnusedBlobs([image.id, image.manifest]);
        images.push(image.id);
      }
    });
    return { images, layers: await this.layers.collect((diffId) => this.rows.usesLayer(diffId)) };
  }

  /** For the start: what a crash has left goes. Images stay, since nobody knows yet which containers there are. */
  async sweep(): Promise<void> {
    await this.blobs.sweep((digest) => this.rows.usesBlob(digest));
    await this.layers.sweep();
    await this.layers.collect((diffId) => this.rows.usesLayer(diffId));
  }

  private async removeUnusedBlobs(digests: readonly (string | undefined)[]): Promise<void> {
    for (const digest of digests)
      if (digest !== undefined && !this.rows.usesBlob(digest)) await this.blobs.remove(digest);
  }

  /** One after another: between storing a metadata file and the row that needs it, nobody may collect it. */
  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work, work);
    this.last = result.catch(() => undefined);
    return result;
  }
}

export const tagText = (row: { repository: string; tag: string }): string =>
  `${familiarName(repositoryOf(row.repository))}:${row.tag}`;
export const digestText = (row: { repository: string; digest: string }): string =>
  `${familiarName(repositoryOf(row.repository))}@${row.digest}`;
