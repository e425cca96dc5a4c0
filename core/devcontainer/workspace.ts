import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, sep } from 'node:path';
import type { Configuration } from './configuration';

export interface Workspace {
  /** Where the project is inside; the working directory of every command. */
  readonly folder: string;
  /** A `--mount` string; empty = the project is not mounted. */
  readonly mount: string;
}

/**
 * Where the project goes inside: its git root at `/workspaces/<name>`, and the opened folder below that, unless the
 * configuration says otherwise. Variables in the result are not yet replaced.
 */
export async function placeWorkspace(
  localFolder: string,
  configuration: Pick<Configuration, 'workspaceFolder' | 'workspaceMount'>,
): Promise<Workspace> {
  const { workspaceFolder, workspaceMount } = configuration;
  if (workspaceFolder !== undefined && workspaceMount !== undefined)
    return { folder: workspaceFolder, mount: workspaceMount };
  const root = await gitRoot(localFolder);
  const below = relative(dirname(root), localFolder).split(sep).join('/');
  return {
    folder: workspaceFolder ?? `/workspaces/${below}`,
    mount: workspaceMount ?? bindMount(root, posix.join('/workspaces', basename(root))),
  };
}

/** A comma in a path must not become another option of the mount. */
function bindMount(source: string, target: string): string {
  const field = (name: string, value: string): string =>
    /[",]/.test(value) ? `"${name}=${value.replaceAll('"', '""')}"` : `${name}=${value}`;
  return ['type=bind', field('source', source), field('target', target)].join(',');
}

/** The nearest folder, upwards, with a git directory or a git file; the folder itself where there is none. */
async function gitRoot(folder: string): Promise<string> {
  for (let current = folder; ; current = dirname(current)) {
    if (await isGitDirectory(join(current, '.git'))) return current;
    if (current === dirname(current)) return folder;
  }
}

async function isGitDirectory(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return (await stat(join(path, 'HEAD'))).isFile();
    return (await readFile(path, 'utf8')).startsWith('gitdir: ');
  } catch {
    // Not there, or not readable: as for git itself, this is then not a repository.
    return false;
  }
}
