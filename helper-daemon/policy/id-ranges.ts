/** Each user's own range of host ids for the user namespaces of their containers; allotted once, recorded, never shared. */
import { EngineError } from '../error';
import type { Database } from '../storage/database';

export interface IdRange {
  readonly base: number;
  readonly size: number;
}

/** Above what distributions, systemd and subordinate ids use; far below 2^32-1. */
const firstBase = 0x70000000;
const limit = 0xfff00000;
const size = 65536;

export class IdRanges {
  constructor(private readonly database: Database) {}

  /** @throws EngineError 507 when no range is left (about 36 000 users) */
  of(uid: number): IdRange {
    return this.known(uid) ?? this.database.durable(() => this.allot(uid));
  }

  /** The user in whose range a host id lies: a process inside one of their containers. */
  ownerOf(hostId: number): number | undefined {
    const row = this.database.get(
      'SELECT uid FROM id_range WHERE base <= ? AND base + size > ?',
      hostId,
      hostId,
    );
    return row === undefined ? undefined : Number(row['uid']);
  }

  private known(uid: number): IdRange | undefined {
    const row = this.database.get('SELECT base, size FROM id_range WHERE uid = ?', uid);
    return row === undefined ? undefined : { base: Number(row['base']), size: Number(row['size']) };
  }

  private allot(uid: number): IdRange {
    const row = this.database.get('SELECT MAX(base + size) AS next FROM id_range');
    const base = Math.max(firstBase, Number(row?.['next'] ?? 0));
    if (base + size > limit)
      throw new EngineError(
        507,
        'id-ranges-exhausted',
        "No range of user ids is left for a new user. Remove the helper's data of users that are gone.",
      );
    this.database.run('INSERT INTO id_range (uid, base, size) VALUES (?, ?, ?)', uid, base, size);
    return { base, size };
  }
}
