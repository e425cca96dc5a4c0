import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DevContainerError } from './error';

export interface FoundConfiguration {
  readonly path: string;
  /** For a list to choose from: the path below the workspace folder. */
  readonly label: string;
}

/**
 * The configurations of a workspace folder, in the specification's order: `.devcontainer/devcontainer.json`,
 * `.devcontainer.json`, then `.devcontainer/<folder>/devcontainer.json` by name.
 */
export async function findConfigurations(workspaceFolder: string): Promise<FoundConfiguration[]> {
  const below = join(workspaceFolder, '.devcontainer');
  const folders = await readdir(below, { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  const candidates = [
    join(below, 'devcontainer.json'),
    join(workspaceFolder, '.devcontainer.json'),
    ...folders
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => join(below, entry.name, 'devcontainer.json'))
      .sort(),
  ];
  const present = await Promise.all(candidates.map(isFile));
  return candidates
    .filter((_, index) => present[index])
    .map((path) => ({ path, label: relative(workspaceFolder, path) }));
}

/**
 * The one configuration to use: the one asked for, else the only one, else the first of the two default places.
 * Throws when there is none, or when somebody has to choose.
 */
export async function chooseConfiguration(
  workspaceFolder: string,
  asked: string | undefined,
): Promise<string> {
  if (asked !== undefined) {
    if (await isFile(asked)) return asked;
    throw new DevContainerError(
      'no-configuration',
      `There is no configuration at ${asked}`,
      'The file does not exist, or is not a file.',
      'Give the path of a devcontainer.json.',
    );
  }
  const found = await findConfigurations(workspaceFolder);
  const first = found[0];
  if (first === undefined) {
    if (!(await isFolder(workspaceFolder)))
      throw new DevContainerError(
        'no-configuration',
        `${workspaceFolder} is not a folder`,
        'It does not exist, or is a file.',
        'Give the path of a project’s folder.',
      );
    throw new DevContainerError(
      'no-configuration',
      `${workspaceFolder} has no dev container configuration`,
      'Looked for .devcontainer/devcontainer.json, .devcontainer.json and .devcontainer/<folder>/devcontainer.json.',
      'Create .devcontainer/devcontainer.json; the smallest one is {"image": "berth/base"}.',
    );
  }
  const isDefault =
    first.label === join('.devcontainer', 'devcontainer.json') || first.label === '.devcontainer.json';
  if (found.length === 1 || isDefault) return first.path;
  throw new DevContainerError(
    'several-configurations',
    `${workspaceFolder} has several dev container configurations`,
    found.map(({ label }) => label).join(', '),
    'Say which one, with --config PATH.',
  );
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
