import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerInspect } from '../../protocol/docker';
import type { EngineClient } from '../engine/client';
import { EngineRequestError } from '../error';
import { containerRequest } from './container-body';
import type { ContainerRequest } from './container-body';
import { changedProperties, fingerprint } from './drift';
import { ensureImage } from './ensure-image';
import { DevContainerError } from './error';
import { findContainer } from './find-container';
import { configurationDigestLabel, metadataLabel } from './labels';
import { mergeMetadata, metadataEntry, parseMetadataLabel, updatableEntry } from './metadata';
import type { MergedConfiguration } from './metadata';
import type { Report, Steps } from './progress';
import { noSuchUser } from './remote-user';
import type { Project } from './project';
import { substitute } from './variables';

export interface EnsureOptions {
  /** Remove the container that is there and make a new one. */
  readonly recreate: boolean;
  readonly editor: { readonly source: string; readonly target: string } | undefined;
  readonly steps: Steps;
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
}

export interface EnsuredContainer {
  readonly inspect: ContainerInspect;
  readonly state: 'created' | 'started' | 'running';
  /** Variables of this machine replaced; `${containerEnv:…}` not yet. */
  readonly merged: MergedConfiguration;
  readonly remoteUser: string;
  /** Properties that have changed since it was made. */
  readonly changed: readonly string[];
}

/** Finds, starts or makes the container of a project. */
export async function ensureContainer(
  engine: EngineClient,
  project: Project,
  options: EnsureOptions,
): Promise<EnsuredContainer> {
  const { steps, signal } = options;
  const found = await findContainer(engine, project.localFolder, project.configFile, signal);
  if (found === undefined) return create(engine, project, options);
  if (options.recreate) {
    await steps.run('Removing the old container', () =>
      engine.containers.remove(found.Id, { force: true, signal }),
    );
    return create(engine, project, options);
  }
  return reuse(engine, project, options, found.Id);
}

async function reuse(
  engine: EngineClient,
  project: Project,
  { steps, signal }: EnsureOptions,
  id: string,
): Promise<EnsuredContainer> {
  const { inspect, state } = await steps.run(
    'Container',
    async () => {
      const before = await engine.containers.inspect(id, { signal });
      if (before.State.Paused) await engine.containers.unpause(id, { signal });
      if (before.State.Running) return { inspect: before, state: 'running' as const };
      await engine.containers.start(id, { signal });
      return { inspect: await engine.containers.inspect(id, { signal }), state: 'started' as const };
    },
    (result) => `${nameOf(result.inspect)} ${result.state === 'running' ? 'is running' : 'started'}`,
  );
  requireRunning(inspect);
  const labels = inspect.Config.Labels ?? {};
  const label = labels[metadataLabel];
  const entries =
    label === undefined
      ? [metadataEntry(project.configuration)]
      : [...parseMetadataLabel(label, nameOf(inspect)), updatableEntry(project.configuration)];
  const merged = substitute(mergeMetadata(project.configuration, entries), project.variables);
  return {
    inspect,
    state,
    merged,
    remoteUser: firstText(merged.remoteUser, inspect.Config.User) ?? 'root',
    changed: changedProperties(labels[configurationDigestLabel], project.configuration),
  };
}

async function create(
  engine: EngineClient,
  project: Project,
  options: EnsureOptions,
): Promise<EnsuredContainer> {
  const { steps, report, signal } = options;
  const { configuration, variables } = project;
  const imageName = substitute(configuration.image, variables);
  const image = await steps.run(
    'Image',
    () => ensureImage(engine, imageName, undefined, report, signal),
    ({ pulled }) => (pulled ? `${imageName} pulled` : `${imageName} is here`),
  );
  const entries = [
    ...parseMetadataLabel(image.Config.Labels?.[metadataLabel], imageName),
    metadataEntry(configuration),
  ];
  const merged = substitute(mergeMetadata(configuration, entries), variables);
  const request = containerRequest({
    image: imageName,
    imageConfig: image.Config,
    merged,
    workspaceMount: project.workspace.mount,
    identity: project.identity,
    metadata: JSON.stringify(entries),
    fingerprint: fingerprint(configuration),
    editor: options.editor,
    context: { folder: project.localFolder, localEnv: variables.localEnv ?? {} },
  });
  const inspect = await steps.run(
    'Container',
    () => createAndStart(engine, project, request, signal),
    (made) => `${nameOf(made)} created and started`,
  );
  return { inspect, state: 'created', merged, remoteUser: request.remoteUser, changed: [] };
}

/** A container that does not start is removed again. */
async function createAndStart(
  engine: EngineClient,
  project: Project,
  request: ContainerRequest,
  signal: AbortSignal | undefined,
): Promise<ContainerInspect> {
  const { id, foreign } = await createNamed(engine, project, request, signal);
  try {
    await engine.containers.start(id, { signal });
    const inspect = await engine.containers.inspect(id, { signal });
    requireRunning(inspect);
    return inspect;
  } catch (error) {
    if (!foreign) await engine.containers.remove(id, { force: true, volumes: true });
    throw explainStart(error, request);
  }
}

/** How long somebody else's creation of the same container may be under way. */
const creationLimit = 5_000;
const creationInterval = 50;

/**
 * Named after the project, so that one can type it, and so that two who make it at once end up with one: the second
 * finds the first one's (`foreign`). Where the name is somebody else's another is as good.
 */
async function createNamed(
  engine: EngineClient,
  project: Project,
  { body, name, platform }: ContainerRequest,
  signal: AbortSignal | undefined,
): Promise<{ readonly id: string; readonly foreign: boolean }> {
  const create = async (wanted: string | undefined): Promise<{ id: string; foreign: boolean }> => {
    const { Id: id } = await engine.containers.create(body, { name: wanted, platform, signal });
    return { id, foreign: false };
  };
  if (name !== undefined) return create(name);
  const ours = nameFor(project);
  const deadline = performance.now() + creationLimit;
  for (;;) {
    try {
      return await create(ours);
    } catch (error) {
      if (!hasStatus(error, 409)) throw error;
    }
    try {
      const { Id: id, Config } = await engine.containers.inspect(ours, { signal });
      const same = Object.entries(project.identity).every(([key, value]) => Config.Labels?.[key] === value);
      return same ? { id, foreign: true } : await create(undefined);
    } catch (error) {
      // The name is taken and its container not there yet: it is being made, and nothing tells when it is ready.
      if (!hasStatus(error, 404) || performance.now() > deadline) throw error;
      await delay(creationInterval, undefined, { signal });
    }
  }
}

function nameFor({ localFolder, devcontainerId }: Project): string {
  const readable = basename(localFolder)
    .replace(/[^A-Za-z0-9_.-]/g, '')
    .replace(/^[^A-Za-z0-9]+/, '');
  return `${readable === '' ? 'project' : readable}-${devcontainerId.slice(-6)}`;
}

const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof EngineRequestError && error.status === status;

function requireRunning(inspect: ContainerInspect): void {
  if (inspect.State.Running) return;
  throw new DevContainerError(
    'container-exited',
    `The container ${nameOf(inspect)} ended at once, with exit code ${inspect.State.ExitCode}`,
    inspect.State.Error === '' ? undefined : inspect.State.Error,
    `Look at its output with: berth logs ${nameOf(inspect)}`,
  );
}

function explainStart(error: unknown, { body, remoteUser }: ContainerRequest): unknown {
  if (!(error instanceof EngineRequestError)) return error;
  if (error.message.includes(`no user ${remoteUser}`) || /unable to find user/.test(error.message)) {
    return noSuchUser(remoteUser, error);
  }
  if (!/\/bin\/sh|no such file|not found/i.test(error.message)) return error;
  return new DevContainerError(
    'no-shell',
    `The image ${body.Image ?? ''} cannot be started as a dev container`,
    `${error.message}. A dev container needs /bin/sh.`,
    'Use an image that has a shell.',
    { cause: error },
  );
}

export const nameOf = ({ Name }: ContainerInspect): string => Name.replace(/^\//, '');

const firstText = (...values: readonly (string | undefined)[]): string | undefined =>
  values.find((value) => value !== undefined && value !== '');
