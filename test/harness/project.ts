/** A folder with a dev container configuration, as a developer has it. */
import { chownSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * @param parent where it is made; removed by whoever made that
 * @param configuration devcontainer.json, as text or as what it says
 * @param owner whose it is; default: the caller's
 * @returns its path
 */
export function makeProject(
  parent: string,
  configuration: object | string,
  owner?: { readonly uid: number; readonly gid: number },
): string {
  const folder = mkdtempSync(join(parent, 'project-'));
  const file = join(folder, '.devcontainer', 'devcontainer.json');
  mkdirSync(dirname(file));
  writeFileSync(file, typeof configuration === 'string' ? configuration : JSON.stringify(configuration));
  if (owner !== undefined)
    for (const path of [folder, dirname(file), file]) chownSync(path, owner.uid, owner.gid);
  return folder;
}
