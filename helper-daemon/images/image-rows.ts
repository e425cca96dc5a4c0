/** Images in the database: what exists, what it is called, who sees it. Every change is durable before it returns. */
import type { Database, Row } from '../storage/database';
import type { Scope } from './scope';

export interface ImageRow {
  readonly id: string;
  readonly manifest: string | undefined;
  readonly embedded: boolean;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export interface TagRow {
  readonly scope: Scope;
  /** Canonical. */
  readonly repository: string;
  readonly tag: string;
  readonly imageId: string;
  readonly ownerUid: number;
  /** Unix milliseconds. */
  readonly taggedAt: number;
}

export interface DigestRow {
  readonly scope: Scope;
  readonly repository: string;
  readonly digest: string;
  readonly imageId: string;
  readonly ownerUid: number;
}

export interface NewImage {
  readonly id: string;
  readonly manifest: string | undefined;
  readonly embedded: boolean;
  readonly diffIds: readonly string[];
}

const text = (row: Row, column: string): string => String(row[column]);
const number = (row: Row, column: string): number => Number(row[column]);

const asImage = (row: Row): ImageRow => ({
  id: text(row, 'id'),
  manifest: row['manifest'] === null ? undefined : text(row, 'manifest'),
  embedded: row['embedded'] === 1,
  createdAt: number(row, 'created_at'),
});
const asTag = (row: Row): TagRow => ({
  scope: number(row, 'scope'),
  repository: text(row, 'repository'),
  tag: text(row, 'tag'),
  imageId: text(row, 'image_id'),
  ownerUid: number(row, 'owner_uid'),
  taggedAt: number(row, 'tagged_at'),
});
const asDigest = (row: Row): DigestRow => ({
  scope: number(row, 'scope'),
  repository: text(row, 'repository'),
  digest: text(row, 'digest'),
  imageId: text(row, 'image_id'),
  ownerUid: number(row, 'owner_uid'),
});

export class ImageRows {
  constructor(private readonly database: Database) {}

  atomically<T>(work: () => T): T {
    return this.database.durable(work);
  }

  get(id: string): ImageRow | undefined {
    const row = this.database.get('SELECT * FROM image WHERE id = ?', id);
    return row === undefined ? undefined : asImage(row);
  }

  all(): ImageRow[] {
    return this.database.all('SELECT * FROM image ORDER BY created_at DESC').map(asImage);
  }

  /** @param prefix hexadecimal digits @returns at most two: enough to know that it is ambiguous */
  startingWith(prefix: string): ImageRow[] {
    return this.database
      .all('SELECT * FROM image WHERE id >= ? AND id < ? LIMIT 2', `sha256:${prefix}`, `sha256:${prefix}g`)
      .map(asImage);
  }

  /** Adds the image unless it is there. Its layers' rows must exist. */
  add(image: NewImage): void {
    this.atomically(() => {
      const added = this.database.run(
        'INSERT INTO image VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET manifest = coalesce(manifest, excluded.manifest), embedded = max(embedded, excluded.embedded)',
        image.id,
        image.manifest ?? null,
        image.embedded ? 1 : 0,
        Date.now(),
      );
      if (added === 0) return;
      image.diffIds.forEach((diffId, position) => {
        this.database.run(
          'INSERT INTO image_layer VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
          image.id,
          position,
          diffId,
        );
      });
    });
  }

  delete(id: string): void {
    this.database.run('DELETE FROM image WHERE id = ?', id);
  }

  /** Bottom first. */
  diffIds(imageId: string): string[] {
    return this.database
      .all('SELECT diff_id FROM image_layer WHERE image_id = ? ORDER BY position', imageId)
      .map((row) => text(row, 'diff_id'));
  }

  usesLayer(diffId: string): boolean {
    return this.database.get('SELECT 1 FROM image_layer WHERE diff_id = ? LIMIT 1', diffId) !== undefined;
  }

  imagesWithLayer(diffId: string): string[] {
    return this.database
      .all('SELECT image_id FROM image_layer WHERE diff_id = ?', diffId)
      .map((row) => text(row, 'image_id'));
  }

  usesBlob(digest: string): boolean {
    return (
      this.database.get('SELECT 1 FROM image WHERE id = ? OR manifest = ? LIMIT 1', digest, digest) !==
      undefined
    );
  }

  grants(imageId: string): Scope[] {
    return this.database
      .all('SELECT scope FROM image_grant WHERE image_id = ?', imageId)
      .map((row) => number(row, 'scope'));
  }

  grant(imageId: string, scope: Scope): void {
    this.database.run('INSERT INTO image_grant VALUES (?, ?) ON CONFLICT DO NOTHING', imageId, scope);
  }

  revoke(imageId: string, scope: Scope): void {
    this.database.run('DELETE FROM image_grant WHERE image_id = ? AND scope = ?', imageId, scope);
  }

  tag(scope: Scope, repository: string, tag: string): TagRow | undefined {
    const row = this.database.get(
      'SELECT * FROM image_tag WHERE scope = ? AND repository = ? AND tag = ?',
      scope,
      repository,
      tag,
    );
    return row === undefined ? undefined : asTag(row);
  }

  /** In any scope, oldest first: for administrators, to whom every name is known. */
  anyTag(repository: string, tag: string): TagRow | undefined {
    const row = this.database.get(
      'SELECT * FROM image_tag WHERE repository = ? AND tag = ? ORDER BY tagged_at LIMIT 1',
      repository,
      tag,
    );
    return row === undefined ? undefined : asTag(row);
  }

  tagsOf(imageId: string): TagRow[] {
    return this.database
      .all('SELECT * FROM image_tag WHERE image_id = ? ORDER BY repository, tag', imageId)
      .map(asTag);
  }

  /** Moves the name if it exists; who has given it first stays its owner. */
  setTag(row: Omit<TagRow, 'taggedAt'>): void {
    this.database.run(
      'INSERT INTO image_tag VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, repository, tag) DO UPDATE SET image_id = excluded.image_id, tagged_at = excluded.tagged_at',
      row.scope,
      row.repository,
      row.tag,
      row.imageId,
      row.ownerUid,
      Date.now(),
    );
  }

  deleteTag(row: TagRow): void {
    this.database.run(
      'DELETE FROM image_tag WHERE scope = ? AND repository = ? AND tag = ?',
      row.scope,
      row.repository,
      row.tag,
    );
  }

  digests(repository: string, digest: string): DigestRow[] {
    return this.database
      .all('SELECT * FROM image_digest WHERE repository = ? AND digest = ?', repository, digest)
      .map(asDigest);
  }

  digestsOf(imageId: string): DigestRow[] {
    return this.database
      .all('SELECT * FROM image_digest WHERE image_id = ? ORDER BY repository, digest', imageId)
      .map(asDigest);
  }

  setDigest(row: DigestRow): void {
    this.database.run(
      'INSERT INTO image_digest VALUES (?, ?, ?, ?, ?) ON CONFLICT (scope, repository, digest) DO UPDATE SET image_id = excluded.image_id',
      row.scope,
      row.repository,
      row.digest,
      row.imageId,
      row.ownerUid,
    );
  }

  deleteDigest(row: DigestRow): void {
    this.database.run(
      'DELETE FROM image_digest WHERE scope = ? AND repository = ? AND digest = ?',
      row.scope,
      row.repository,
      row.digest,
    );
  }

  recordBlob(digest: string, diffId: string, size: number): void {
    this.database.run('INSERT INTO layer_blob VALUES (?, ?, ?) ON CONFLICT DO NOTHING', digest, diffId, size);
  }

  blobOf(diffId: string): { digest: string; size: number } | undefined {
    const row = this.database.get('SELECT digest, size FROM layer_blob WHERE diff_id = ? LIMIT 1', diffId);
    return row === undefined ? undefined : { digest: text(row, 'digest'), size: number(row, 'size') };
  }

  recordOrigin(diffId: string, domain: string): void {
    this.database.run('INSERT INTO layer_origin VALUES (?, ?) ON CONFLICT DO NOTHING', diffId, domain);
  }

  cameFrom(diffId: string, domain: string): boolean {
    return (
      this.database.get('SELECT 1 FROM layer_origin WHERE diff_id = ? AND domain = ?', diffId, domain) !==
      undefined
    );
  }
}
