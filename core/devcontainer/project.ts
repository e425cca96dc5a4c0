import { relative, resolve } from 'node:path';
import type { Configuration } from './configuration';
import { chooseConfiguration } from './discover';
import { identityLabels } from './labels';
import { readConfiguration } from './parse';
import { requireSupported } from './supported';
import type { VariableContext } from './variables';
import { devcontainerId, substitute } from './variables';
import { placeWorkspace } from './workspace';

export type LocalEnvironment = Readonly<Record<string, string | undefined>>;

/** A folder with its dev container configuration, read and understood; nothing has been made of it yet. */
export interface Project {
  readonly localFolder: string;
  readonly configFile: string;
  /** For people: `.devcontainer/devcontainer.json`. */
  readonly configLabel: string;
  /** As it is written, variables included. */
  readonly configuration: Configuration & { readonly image: string };
  /** Variables replaced. `mount` is in docker's `--mount` form, empty = not mounted. */
  readonly workspace: { readonly folder: string; readonly mount: string };
  readonly identity: Readonly<Record<string, string>>;
  readonly devcontainerId: string;
  /** Everything that `${…}` may stand for before the container runs. */
  readonly variables: VariableContext;
}

/**
 * Reads the configuration of a folder. Throws DevContainerError: no configuration or several, broken, or more than
 * this version can do.
 * @param configFile undefined = the one that the folder has
 */
export async function readProject(
  folder: string,
  configFile: string | undefined,
  localEnv: LocalEnvironment,
): Promise<Project> {
  const localFolder = resolve(folder);
  const path = await chooseConfiguration(
    localFolder,
    configFile === undefined ? undefined : resolve(configFile),
  );
  const configuration = requireSupported(await readConfiguration(path), path);
  const identity = identityLabels(localFolder, path);
  const id = devcontainerId(identity);
  const early: VariableContext = { localEnv, localWorkspaceFolder: localFolder, devcontainerId: id };
  const placed = await placeWorkspace(localFolder, configuration);
  const workspaceFolder = substitute(placed.folder, early);
  const variables = { ...early, containerWorkspaceFolder: workspaceFolder };
  return {
    localFolder,
    configFile: path,
    configLabel: relative(localFolder, path),
    configuration,
    workspace: { folder: workspaceFolder, mount: substitute(placed.mount, variables) },
    identity,
    devcontainerId: id,
    variables,
  };
}
