import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdRanges } from '../../../../helper-daemon/policy/id-ranges';
import { Database } from '../../../../helper-daemon/storage/database';
import { engineMigrations } from '../../../../helper-daemon/storage/engine-tables';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-database-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});
const open = (extra: { name: string; sql: string }[] = []) =>
  new Database(join(directory, 'berth.db'), [...engineMigrations, ...extra]);

describe('database', () => {
  it('applies each migration once, later ones on what is there', () => {
    const first = open();
    first.run('INSERT INTO id_range (uid, base, size) VALUES (1, 2, 3)');
    first.close();
    const second = open([{ name: 'later', sql: 'ALTER TABLE id_range ADD COLUMN note TEXT' }]);
    expect(second.get('SELECT uid, note FROM id_range')).toEqual({ uid: 1, note: null });
    second.close();
  });

  it('leaves nothing of a migration that fails', () => {
    expect(() => open([{ name: 'broken', sql: 'CREATE TABLE one (a); CREATE TABLE one (a);' }])).toThrow();
    const database = open();
    expect(database.get("SELECT name FROM sqlite_master WHERE name = 'one'")).toBeUndefined();
    database.close();
  });

  it('rolls back what throws, joined transactions included, and keeps the rest', () => {
    const database = open();
    expect(() =>
      database.durable(() => {
        database.relaxed(() => database.run('INSERT INTO id_range (uid, base, size) VALUES (1, 2, 3)'));
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(database.all('SELECT * FROM id_range')).toEqual([]);
    database.close();
  });

  it("gives each user one range for ever, disjoint from all others, never the host's own ids", () => {
    let database = open();
    const ranges = [1000, 0, 1001].map((uid) => new IdRanges(database).of(uid));
    database.close();
    database = open();
    const again = new IdRanges(database);
    expect([1000, 0, 1001].map((uid) => again.of(uid))).toEqual(ranges);
    const bases = ranges.map((range) => range.base).sort((a, b) => a - b);
    expect(bases.every((base, at) => base >= 65536 * 2 && (at === 0 || base - bases[at - 1]! >= 65536))).toBe(
      true,
    );
    expect(again.ownerOf(ranges[1]!.base + 5)).toBe(0);
    expect(again.ownerOf(1000)).toBeUndefined();
    database.close();
  });
});
