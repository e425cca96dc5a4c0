/** Where things are: the checkout, and the cache of downloads outside it (shared by all checkouts). */
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const dist = join(projectRoot, 'dist');
/** `$BERTH_CACHE`, else `$XDG_CACHE_HOME/berth`, else `~/.cache/berth`. */
export const cache =
  process.env.BERTH_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'berth');
