import { isAbsolute, normalize } from 'node:path';
import { BerthError } from '../error';

/** Publisher and name of the extension, as editors list it. */
export const extensionId = 'berth.berth';

const prefix = 'folder=';

/** The address that asks the extension of an installed editor to open a folder of this machine in its container. */
export function openUri(scheme: string, folder: string): string {
  return `${scheme}://${extensionId}/open?${prefix}${encodeURIComponent(folder)}`;
}

/**
 * The folder that such an address names. Its parts are as editors hand them over: decoded once. So everything after
 * `folder=` is the folder, and a `+`, `&` or `%` in it is itself.
 * @throws BerthError
 */
export function folderOf({ path, query }: { readonly path: string; readonly query: string }): string {
  if (path !== '/open') throw refusal(`“${path}” is nothing that Berth can do.`);
  if (!query.startsWith(prefix)) throw refusal('It names no folder.');
  const folder = query.slice(prefix.length);
  if (!isAbsolute(folder) || folder.includes('\0')) throw refusal(`“${folder}” is not an absolute path.`);
  const plain = normalize(folder);
  return plain.length > 1 && plain.endsWith('/') ? plain.slice(0, -1) : plain;
}

const refusal = (why: string): BerthError =>
  new BerthError(
    'The link cannot be opened',
    why,
    `A link that works looks like vscode://${extensionId}/open?folder=/path/of/project`,
  );
