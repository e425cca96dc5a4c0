/** The one database of the helper: SQLite in WAL mode, with migrations that are applied once each, by name. */
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';

/** Applied in the list's order, each in one transaction, once in a database's life. Never change one that was released: add another. */
export interface Migration {
  /** Unique and stable, such as `containers-1`. */
  readonly name: string;
  readonly sql: string;
}

export type Row = Record<string, SQLOutputValue>;

export class Database {
  private readonly connection: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private depth = 0;

  /** Opens or makes the file, and brings it to the newest schema. Integers beyond 2^53 are not used by any table. */
  constructor(path: string, migrations: readonly Migration[]) {
    this.connection = new DatabaseSync(path, { enableForeignKeyConstraints: true });
    this.connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;');
    this.connection.exec('CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY) STRICT');
    for (const migration of migrations) {
      if (this.get('SELECT name FROM migration WHERE name = ?', migration.name) !== undefined) continue;
      this.durable(() => {
        this.connection.exec(migration.sql);
        this.run('INSERT INTO migration (name) VALUES (?)', migration.name);
      });
    }
  }

  /** One transaction that is on the disk when this returns. Nested calls join the outermost one. */
  durable<T>(work: () => T): T {
    return this.transaction(work, 'FULL');
  }

  /** One transaction that a power cut may undo (never half of it, and nothing that was durable before). */
  relaxed<T>(work: () => T): T {
    return this.transaction(work, 'NORMAL');
  }

  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.statement(sql).get(...parameters);
  }

  all(sql: string, ...parameters: SQLInputValue[]): Row[] {
    return this.statement(sql).all(...parameters);
  }

  /** Outside a transaction it is one of its own, durable. @returns how many rows changed */
  run(sql: string, ...parameters: SQLInputValue[]): number {
    return Number(this.statement(sql).run(...parameters).changes);
  }

  close(): void {
    this.connection.close();
  }

  private statement(sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const made = this.connection.prepare(sql);
    this.statements.set(sql, made);
    return made;
  }

  private transaction<T>(work: () => T, synchronous: 'FULL' | 'NORMAL'): T {
    if (this.depth > 0) return work();
    if (synchronous === 'NORMAL') this.connection.exec('PRAGMA synchronous = NORMAL');
    this.connection.exec('BEGIN IMMEDIATE');
    this.depth += 1;
    try {
      const result = work();
      this.connection.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.connection.isTransaction) this.connection.exec('ROLLBACK');
      throw error;
    } finally {
      this.depth -= 1;
      if (synchronous === 'NORMAL') this.connection.exec('PRAGMA synchronous = FULL');
    }
  }
}
