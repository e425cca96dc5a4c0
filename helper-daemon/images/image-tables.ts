/** The tables of images. Who sees what is in `scope`: -1 is everybody, any other number the one uid. */
import type { Migration } from '../storage/database';
import { layerMigrations } from '../storage/layer-store';

export const imageMigrations: readonly Migration[] = [
  ...layerMigrations,
  {
    name: 'images-1',
    sql: `
      CREATE TABLE image (
        id TEXT PRIMARY KEY,                -- digest of the configuration
        manifest TEXT,                      -- digest of the manifest; NULL for an image that never had one
        embedded INTEGER NOT NULL,
        created_at INTEGER NOT NULL         -- Unix milliseconds of its arrival
      ) STRICT;
      CREATE TABLE image_layer (
        image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,          -- 0 is the bottom
        diff_id TEXT NOT NULL REFERENCES layer (diff_id),
        PRIMARY KEY (image_id, position)
      ) STRICT;
      CREATE INDEX image_layer_by_diff_id ON image_layer (diff_id);
      CREATE TABLE image_grant (
        image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
        scope INTEGER NOT NULL,
        PRIMARY KEY (image_id, scope)
      ) STRICT;
      CREATE TABLE image_tag (
        scope INTEGER NOT NULL,
        repository TEXT NOT NULL,           -- canonical: docker.io/library/redis
        tag TEXT NOT NULL,
        image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
        owner_uid INTEGER NOT NULL,         -- who may take it away again, besides administrators
        tagged_at INTEGER NOT NULL,
        PRIMARY KEY (scope, repository, tag)
      ) STRICT;
      CREATE TABLE image_digest (
        scope INTEGER NOT NULL,
        repository TEXT NOT NULL,
        digest TEXT NOT NULL,               -- what the registry calls it: of the index, or of the manifest where there is none
        image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
        owner_uid INTEGER NOT NULL,
        PRIMARY KEY (scope, repository, digest)
      ) STRICT;
      CREATE TABLE layer_blob (
        digest TEXT PRIMARY KEY,            -- of the bytes as a registry serves them
        diff_id TEXT NOT NULL REFERENCES layer (diff_id) ON DELETE CASCADE,
        size INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE layer_origin (
        diff_id TEXT NOT NULL REFERENCES layer (diff_id) ON DELETE CASCADE,
        domain TEXT NOT NULL,               -- a registry that served it: whom that registry lets read the manifest may have the layer
        PRIMARY KEY (diff_id, domain)
      ) STRICT;
    `,
  },
];
