import { z } from 'zod';
import type { Configuration, ConfiguredMount, LifecycleCommand, Stage } from './configuration';
import { MetadataEntry, metadataProperties } from './configuration';
import { DevContainerError } from './error';
import { mergeHostRequirements } from './host-requirements';
import { mountTarget } from './mounts';

/** The entries of a `devcontainer.metadata` label: a JSON array, or one object. An absent or empty label has none. */
export function parseMetadataLabel(label: string | undefined, where: string): MetadataEntry[] {
  if (label === undefined || label.trim() === '') return [];
  try {
    const value: unknown = JSON.parse(label);
    return z.array(MetadataEntry).parse(Array.isArray(value) ? value : [value]);
  } catch (error) {
    throw new DevContainerError(
      'bad-property',
      `The label devcontainer.metadata of ${where} cannot be read`,
      error instanceof z.ZodError ? error.issues[0]?.message : String(error),
      'The image was built with a broken label; rebuild it, or use another image.',
      { cause: error },
    );
  }
}

/** What a devcontainer.json contributes as an entry of its own, always the last. */
export function metadataEntry(configuration: Configuration): MetadataEntry {
  return Object.fromEntries(
    metadataProperties.flatMap((property) => {
      const value = configuration[property];
      return value === undefined ? [] : [[property, value]];
    }),
  );
}

/** The properties that a change of devcontainer.json alters in a container that exists already. */
const updatable = ['remoteUser', 'userEnvProbe', 'remoteEnv'] as const;

export function updatableEntry(configuration: Configuration): MetadataEntry {
  const entry = metadataEntry(configuration);
  return Object.fromEntries(
    updatable.flatMap((key) => (entry[key] === undefined ? [] : [[key, entry[key]]])),
  );
}

export type CommandLists = Record<`${Stage}s`, LifecycleCommand[]>;

/** All sources united. In the shape of the reference CLI's `mergedConfiguration`, so that the two can be compared. */
export type MergedConfiguration = Configuration &
  CommandLists & {
    readonly init: boolean;
    readonly privileged: boolean;
    readonly entrypoints: readonly string[];
  };

/**
 * Unites the entries (base image first, devcontainer.json last) by the rules of the specification.
 * @param configuration gives what is not merged: name, image, workspaceFolder, runArgs …
 */
export function mergeMetadata(
  configuration: Configuration,
  entries: readonly MetadataEntry[],
): MergedConfiguration {
  const unmerged: Configuration = { ...configuration };
  for (const property of metadataProperties) Reflect.deleteProperty(unmerged, property);
  const merged: MergedConfiguration = {
    ...unmerged,
    init: entries.some((entry) => entry.init === true),
    privileged: entries.some((entry) => entry.privileged === true),
    capAdd: union(entries.map((entry) => entry.capAdd)),
    securityOpt: union(entries.map((entry) => entry.securityOpt)),
    entrypoints: entries.flatMap(({ entrypoint }) => (entrypoint === undefined ? [] : [entrypoint])),
    mounts: mergeMounts(entries.flatMap((entry) => entry.mounts ?? [])),
    customizations: mergeCustomizations(entries),
    onCreateCommands: collect(entries, 'onCreateCommand'),
    updateContentCommands: collect(entries, 'updateContentCommand'),
    postCreateCommands: collect(entries, 'postCreateCommand'),
    postStartCommands: collect(entries, 'postStartCommand'),
    postAttachCommands: collect(entries, 'postAttachCommand'),
    waitFor: last(entries, 'waitFor'),
    containerUser: last(entries, 'containerUser'),
    remoteUser: last(entries, 'remoteUser'),
    userEnvProbe: last(entries, 'userEnvProbe'),
    overrideCommand: last(entries, 'overrideCommand'),
    otherPortsAttributes: last(entries, 'otherPortsAttributes'),
    shutdownAction: last(entries, 'shutdownAction'),
    updateRemoteUserUID: last(entries, 'updateRemoteUserUID'),
    containerEnv: Object.assign({}, ...entries.map((entry) => entry.containerEnv)) as Record<string, string>,
    remoteEnv: Object.assign({}, ...entries.map((entry) => entry.remoteEnv)) as Record<string, string | null>,
    portsAttributes: Object.assign({}, ...entries.map((entry) => entry.portsAttributes)) as Record<
      string,
      { label?: string }
    >,
    forwardPorts: mergePorts(entries.flatMap((entry) => entry.forwardPorts ?? [])),
    hostRequirements: mergeHostRequirements(entries.map((entry) => entry.hostRequirements)),
  };
  for (const key of Object.keys(merged)) if (merged[key] === undefined) Reflect.deleteProperty(merged, key);
  return merged;
}

function collect(entries: readonly MetadataEntry[], stage: Stage): LifecycleCommand[] {
  return entries.flatMap((entry) => (entry[stage] === undefined ? [] : [entry[stage]]));
}

/** The last entry that says something; as in the reference CLI an empty string says nothing, a `false` does. */
function last<Key extends keyof MetadataEntry>(
  entries: readonly MetadataEntry[],
  key: Key,
): MetadataEntry[Key] | undefined {
  return entries.findLast((entry) => entry[key] !== undefined && entry[key] !== '')?.[key];
}

function union(lists: readonly (readonly string[] | undefined)[]): string[] | undefined {
  const all = [...new Set(lists.flatMap((list) => list ?? []))];
  return all.length === 0 ? undefined : all;
}

function mergeMounts(mounts: readonly ConfiguredMount[]): ConfiguredMount[] | undefined {
  const lastAt = new Map(mounts.map((mount, index) => [mountTarget(mount), index]));
  const kept = mounts.filter((mount, index) => lastAt.get(mountTarget(mount)) === index);
  return kept.length === 0 ? undefined : kept;
}

/** `localhost:3000` and 3000 are the same port. */
function mergePorts(ports: readonly (number | string)[]): (number | string)[] | undefined {
  const normal = ports.map((port) => {
    const [, number] = typeof port === 'string' ? (/^localhost:(\d+)$/.exec(port) ?? []) : [];
    return number === undefined ? port : Number(number);
  });
  return normal.length === 0 ? undefined : [...new Set(normal)];
}

function mergeCustomizations(entries: readonly MetadataEntry[]): Record<string, unknown[]> | undefined {
  const merged: Record<string, unknown[]> = {};
  for (const { customizations = {} } of entries) {
    for (const [tool, value] of Object.entries(customizations))
      merged[tool] = [...(merged[tool] ?? []), value];
  }
  return Object.keys(merged).length === 0 ? undefined : merged;
}
