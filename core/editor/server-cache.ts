import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { editorDirectory } from '../devcontainer/open-environment';

/** The version of the browser editor that this Berth starts inside; the cache may hold others too. */
export const editorVersion = '4.139.1';

/**
 * The directory of this machine whose content every environment sees at `editorDirectory`, whatever is in it when the
 * container is made: `<version>/node` and `<version>/vscode/`. `$BERTH_CACHE/editor`, else `$XDG_CACHE_HOME/berth/editor`,
 * else `~/.cache/berth/editor`.
 */
export function editorCache(environment: Readonly<Record<string, string | undefined>>): string {
  const cache =
    given(environment['BERTH_CACHE']) ??
    join(
      given(environment['XDG_CACHE_HOME']) ?? join(given(environment['HOME']) ?? homedir(), '.cache'),
      'berth',
    );
  return join(cache, 'editor');
}

/** Whether the server has been put into the cache. */
export async function isEditorCached(cache: string): Promise<boolean> {
  return access(join(cache, editorVersion, 'vscode', 'out', 'server-main.js')).then(
    () => true,
    () => false,
  );
}

/** The same files as seen from inside. */
export const innerNode = `${editorDirectory}/${editorVersion}/node`;
export const innerServer = `${editorDirectory}/${editorVersion}/vscode/out/server-main.js`;

const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
