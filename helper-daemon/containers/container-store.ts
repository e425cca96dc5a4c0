/** Containers in the database. Creation and exit are durable; starts are not: what runs is asked of the monitors after a crash. */
import { EngineError } from '../error';
import type { Database, Row } from '../storage/database';
import { containerRecord, containerState } from './container-record';
import type { ContainerRecord, ContainerState } from './container-record';

export interface StoredContainer {
  readonly record: ContainerRecord;
  readonly state: ContainerState;
}

export class ContainerStore {
  constructor(private readonly database: Database) {}

  all(): StoredContainer[] {
    return this.database.all('SELECT record, state FROM container ORDER BY created_at').map(parse);
  }

  /** Durable. */
  insert(record: ContainerRecord, state: ContainerState): void {
    this.database.durable(() =>
      this.database.run(
        'INSERT INTO container (id, owner_uid, name, created_at, image_id, record, state) VALUES (?, ?, ?, ?, ?, ?, ?)',
        record.id,
        record.ownerUid,
        record.name,
        Date.now(),
        record.imageId,
        JSON.stringify(record),
        JSON.stringify(state),
      ),
    );
  }

  saveRecord(record: ContainerRecord): void {
    this.database.durable(() =>
      this.database.run(
        'UPDATE container SET name = ?, record = ? WHERE id = ?',
        record.name,
        JSON.stringify(record),
        record.id,
      ),
    );
  }

  saveState(id: string, state: ContainerState, durability: 'durable' | 'relaxed'): void {
    this.database[durability](() =>
      this.database.run('UPDATE container SET state = ? WHERE id = ?', JSON.stringify(state), id),
    );
  }

  delete(id: string, durability: 'durable' | 'relaxed'): void {
    this.database[durability](() => this.database.run('DELETE FROM container WHERE id = ?', id));
  }
}

function parse(row: Row): StoredContainer {
  const { record, state } = row;
  if (typeof record !== 'string' || typeof state !== 'string')
    throw new EngineError(500, 'database', 'The database holds a container without a record.');
  return {
    record: containerRecord.parse(JSON.parse(record)),
    state: containerState.parse(JSON.parse(state)),
  };
}
