/** Volumes in the database; each is a directory beneath ROOT/volumes whose name says nothing about its owner. */
import { z } from 'zod';
import type { Database, Row } from '../storage/database';

export interface Volume {
  readonly ownerUid: number;
  readonly name: string;
  readonly directory: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Made for a container that named none; goes with `rm -v` and `--rm`. */
  readonly anonymous: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

const volumeRow = z.object({
  owner_uid: z.number(),
  name: z.string(),
  directory: z.string(),
  created_at: z.number(),
  anonymous: z.number(),
  labels: z.string(),
  options: z.string(),
});
const words = z.record(z.string(), z.string());

function toVolume(row: Row): Volume {
  const {
    owner_uid: ownerUid,
    name,
    directory,
    created_at: createdAt,
    anonymous,
    labels,
    options,
  } = volumeRow.parse(row);
  return {
    ownerUid,
    name,
    directory,
    createdAt,
    anonymous: anonymous === 1,
    labels: words.parse(JSON.parse(labels)),
    options: words.parse(JSON.parse(options)),
  };
}

export class VolumeStore {
  constructor(private readonly database: Database) {}

  all(): Volume[] {
    return this.database.all('SELECT * FROM volume ORDER BY created_at').map(toVolume);
  }

  named(ownerUid: number, name: string): Volume | undefined {
    const row = this.database.get('SELECT * FROM volume WHERE owner_uid = ? AND name = ?', ownerUid, name);
    return row === undefined ? undefined : toVolume(row);
  }

  insert(volume: Volume): void {
    this.database.durable(() =>
      this.database.run(
        'INSERT INTO volume (owner_uid, name, directory, created_at, anonymous, labels, options) VALUES (?, ?, ?, ?, ?, ?, ?)',
        volume.ownerUid,
        volume.name,
        volume.directory,
        volume.createdAt,
        volume.anonymous ? 1 : 0,
        JSON.stringify(volume.labels),
        JSON.stringify(volume.options),
      ),
    );
  }

  delete(volume: Volume): void {
    this.database.durable(() =>
      this.database.run('DELETE FROM volume WHERE owner_uid = ? AND name = ?', volume.ownerUid, volume.name),
    );
  }
}
