/** The tables of containers, volumes, networks and id ranges. Bodies that only one module reads are JSON, validated when read. */
import type { Migration } from './database';

export const engineMigrations: readonly Migration[] = [
  {
    name: 'engine-1',
    sql: `
      CREATE TABLE container (
        id TEXT PRIMARY KEY,
        owner_uid INTEGER NOT NULL,
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        image_id TEXT NOT NULL,
        record TEXT NOT NULL,
        state TEXT NOT NULL,
        UNIQUE (owner_uid, name)
      ) STRICT;
      CREATE TABLE volume (
        owner_uid INTEGER NOT NULL,
        name TEXT NOT NULL,
        directory TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        anonymous INTEGER NOT NULL,
        labels TEXT NOT NULL,
        options TEXT NOT NULL,
        PRIMARY KEY (owner_uid, name)
      ) STRICT;
      CREATE TABLE network (
        id TEXT PRIMARY KEY,
        owner_uid INTEGER NOT NULL,
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        device TEXT NOT NULL UNIQUE,
        subnet TEXT NOT NULL UNIQUE,
        gateway TEXT NOT NULL,
        prefix INTEGER NOT NULL,
        internal INTEGER NOT NULL,
        labels TEXT NOT NULL,
        options TEXT NOT NULL,
        UNIQUE (owner_uid, name)
      ) STRICT;
      CREATE TABLE endpoint (
        container_id TEXT NOT NULL REFERENCES container (id) ON DELETE CASCADE,
        network_id TEXT NOT NULL REFERENCES network (id),
        endpoint_id TEXT NOT NULL,
        ip TEXT NOT NULL,
        mac TEXT NOT NULL,
        PRIMARY KEY (container_id, network_id),
        UNIQUE (network_id, ip)
      ) STRICT;
      CREATE TABLE id_range (
        uid INTEGER PRIMARY KEY,
        base INTEGER NOT NULL UNIQUE,
        size INTEGER NOT NULL
      ) STRICT;
    `,
  },
];
