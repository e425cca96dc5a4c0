import type { ContainerCreate, ImageConfig } from '../../protocol/docker';
import { keepAliveCommand } from './keep-alive';
import { configurationDigestLabel, metadataLabel } from './labels';
import type { MergedConfiguration } from './metadata';
import { parseMount, toEngineMount } from './mounts';
import { appPorts } from './port-numbers';
import { parseRunArguments } from './run-arguments';
import { publish } from './run-options';
import type { FlagContext, RunOptions } from './run-options';

/** Tells the helper whose user number inside is the developer's outside, for the files of bind mounts. */
export const bindUserAnnotation = 'berth.bind-user';

export interface ContainerPlan {
  readonly image: string;
  readonly imageConfig: ImageConfig;
  /** Variables replaced. */
  readonly merged: MergedConfiguration;
  /** Docker's `--mount` form; empty = none. */
  readonly workspaceMount: string;
  readonly identity: Readonly<Record<string, string>>;
  /** The value of the label `devcontainer.metadata`, variables not replaced. */
  readonly metadata: string;
  readonly fingerprint: string;
  /** A directory of this machine with the servers of the browser editor, mounted read-only. */
  readonly editor: { readonly source: string; readonly target: string } | undefined;
  readonly context: FlagContext;
}

export interface ContainerRequest {
  readonly body: ContainerCreate;
  readonly name: string | undefined;
  readonly platform: string | undefined;
  /** Who the container's own process runs as. */
  readonly containerUser: string;
  /** Who the developer is inside. */
  readonly remoteUser: string;
}

/** Turns a configuration into what the engine is asked to create. Throws DevContainerError for runArgs and mounts that are wrong. */
export function containerRequest(plan: ContainerPlan): ContainerRequest {
  const { merged, imageConfig } = plan;
  const options = parseRunArguments(merged.runArgs ?? [], plan.context);
  // `runArgs --user` beats containerUser, as in the reference CLI.
  const containerUser = firstText(options.config.User, merged.containerUser, imageConfig.User) ?? 'root';
  const remoteUser = firstText(merged.remoteUser) ?? containerUser;
  addPorts(options, merged);
  const { config, host, endpoint } = options;
  const command = [...(imageConfig.Entrypoint ?? []), ...(imageConfig.Cmd ?? [])];
  const body: ContainerCreate = {
    ...config,
    ...keepAliveCommand(merged.entrypoints, merged.overrideCommand === false ? command : undefined),
    Image: plan.image,
    User: firstText(options.config.User, merged.containerUser) ?? '',
    OpenStdin: true,
    Env: uniteEnvironment(merged.containerEnv ?? {}, config.Env ?? []),
    Labels: {
      ...plan.identity,
      ...config.Labels,
      [metadataLabel]: plan.metadata,
      [configurationDigestLabel]: plan.fingerprint,
    },
    HostConfig: {
      ...host,
      ...(merged.init ? { Init: true } : {}),
      ...(merged.privileged ? { Privileged: true } : {}),
      CapAdd: union(host.CapAdd, merged.capAdd),
      SecurityOpt: union(host.SecurityOpt, merged.securityOpt),
      Mounts: mounts(plan, options),
      Annotations: { ...host.Annotations, [bindUserAnnotation]: remoteUser },
    },
    ...(Object.keys(endpoint).length === 0
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [host.NetworkMode ?? 'bridge']: endpoint } } }),
  };
  return { body, name: options.name, platform: options.platform, containerUser, remoteUser };
}

function mounts(
  { merged, workspaceMount, editor }: ContainerPlan,
  { host }: RunOptions,
): ReturnType<typeof parseMount>[] {
  return [
    ...(workspaceMount === '' ? [] : [parseMount(workspaceMount)]),
    ...(merged.mounts ?? []).map(toEngineMount),
    ...(host.Mounts ?? []),
    ...(editor === undefined
      ? []
      : [{ Type: 'bind' as const, Source: editor.source, Target: editor.target, ReadOnly: true }]),
  ];
}

function addPorts(options: RunOptions, merged: MergedConfiguration): void {
  for (const { hostIp, hostPort, containerPort } of appPorts(merged.appPort)) {
    publish(options, `${hostIp === '' ? '' : `${hostIp}:`}${hostPort}:${containerPort}`);
  }
}

/** The engine takes the last of two values for one name; here only that one is sent. */
function uniteEnvironment(
  fromConfiguration: Readonly<Record<string, string>>,
  fromArguments: readonly string[],
): string[] {
  const united = new Map(Object.entries(fromConfiguration));
  for (const entry of fromArguments) {
    const equals = entry.indexOf('=');
    united.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return [...united].map(([name, value]) => `${name}=${value}`);
}

const firstText = (...values: readonly (string | undefined)[]): string | undefined =>
  values.find((value) => value !== undefined && value !== '');

const union = (one: readonly string[] | undefined, other: readonly string[] | undefined): string[] => [
  ...new Set([...(one ?? []), ...(other ?? [])]),
];
