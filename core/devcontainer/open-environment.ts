import { mkdir } from 'node:fs/promises';
import type { EngineClient } from '../engine/client';
import { messageOf } from '../error';
import type { Stage } from './configuration';
import { ensureContainer, nameOf } from './ensure-container';
import { DevContainerError } from './error';
import { forwardPorts } from './forward-ports';
import type { ForwardedPort } from './forward-ports';
import { Lifecycle } from './lifecycle';
import type { MergedConfiguration } from './metadata';
import { Steps } from './progress';
import type { Report, StepTiming } from './progress';
import { readProject } from './project';
import type { LocalEnvironment, Project } from './project';
import { inspectRemoteUser } from './remote-user';
import { describeCommand, runInitializeCommand } from './run-on-host';
import { probeEnvironment } from './user-environment';
import { substitute } from './variables';

/** Where the servers of the browser editor are inside every environment; below it a directory for each version. */
export const editorDirectory = '/opt/berth/editor';

export interface OpenOptions {
  readonly folder: string;
  /** Undefined = the one that the folder has. */
  readonly configFile?: string | undefined;
  /** For `${localEnv:…}` and for `initializeCommand`. */
  readonly localEnv: LocalEnvironment;
  /**
   * Asked with the text of `initializeCommand` before it runs on this machine. False = it must not run, and nothing
   * is opened. Not asked where there is none.
   */
  readonly mayRunOnHost: (commands: string) => boolean | Promise<boolean>;
  readonly recreate?: boolean;
  /** A directory of this machine that holds the browser editor's servers by version; created if it is missing. */
  readonly editorCache?: string | undefined;
  /** Wait for every lifecycle command, and not only up to `waitFor`. */
  readonly waitForAll?: boolean;
  readonly report: Report;
  readonly signal?: AbortSignal | undefined;
}

/** A project's container, running, with what a client needs to work in it. */
export interface Environment {
  readonly containerId: string;
  readonly containerName: string;
  readonly image: string;
  readonly localFolder: string;
  readonly configFile: string;
  readonly remoteUser: string;
  /** The home directory of `remoteUser`. */
  readonly remoteHome: string;
  readonly remoteShell: string;
  readonly remoteWorkspaceFolder: string;
  /** The environment for processes of the developer: what their shell sets up, then `remoteEnv`; null = to be unset. */
  readonly remoteEnv: Readonly<Record<string, string | null>>;
  /** How the container was come by. */
  readonly state: 'created' | 'started' | 'running';
  readonly ports: readonly ForwardedPort[];
  /** Properties of the configuration that have changed since the container was made: recreating it would use them. */
  readonly changed: readonly string[];
  readonly configuration: MergedConfiguration;
  readonly timings: readonly StepTiming[];
  readonly milliseconds: number;
  /** The lifecycle commands after `waitFor`, running in the background; rejects with LifecycleError. */
  readonly remaining: Promise<void>;
}

/**
 * Opens a folder inside its container: reads the configuration, has the image, finds or makes the container, runs the
 * lifecycle commands that are due, publishes ports. Every step is reported and can be cancelled; an error before the
 * container runs leaves nothing behind, one after that leaves it running.
 * @throws DevContainerError, LifecycleError, EngineRequestError, EngineUnavailableError, or the signal's reason
 */
export async function openEnvironment(engine: EngineClient, options: OpenOptions): Promise<Environment> {
  const started = performance.now();
  const { report, signal } = options;
  const steps = new Steps(report);
  const project = await steps.run(
    'Configuration',
    () => readProject(options.folder, options.configFile, options.localEnv),
    ({ configLabel }) => configLabel,
  );
  await initialize(project, options, steps);
  const editorCache = await usableCache(options.editorCache, report);
  const container = await ensureContainer(engine, project, {
    recreate: options.recreate ?? false,
    editor: editorCache === undefined ? undefined : { source: editorCache, target: editorDirectory },
    steps,
    report,
    signal,
  });
  const { inspect } = container;
  const containerEnv = parseEnvironment(inspect.Config.Env ?? []);
  const merged = substitute(container.merged, { containerEnv });
  const { user, remoteEnv } = await steps.run(
    'User',
    async () => {
      const known = await inspectRemoteUser(engine, inspect.Id, container.remoteUser, signal);
      const probe = merged.userEnvProbe ?? 'loginInteractiveShell';
      const probed = await probeEnvironment(engine, inspect.Id, known, probe, report, signal);
      return { user: known, remoteEnv: { ...probed, ...merged.remoteEnv } };
    },
    ({ user: { name, shell } }) => `${name}, ${shell}`,
  );
  const ports =
    (merged.forwardPorts ?? []).length === 0
      ? []
      : await steps.run('Ports', () => forwardPorts(engine, inspect, merged, report, signal), describePorts);
  const lifecycle = new Lifecycle(
    {
      engine,
      container: inspect.Id,
      containerName: nameOf(inspect),
      createdAt: inspect.Created,
      startedAt: inspect.State.StartedAt,
      user,
      folder: project.workspace.folder,
      environment: environmentEntries(remoteEnv),
      steps,
      report,
      signal,
    },
    merged,
  );
  const until = waitFor(merged, options.waitForAll ?? false);
  await lifecycle.runThrough(until);
  const milliseconds = performance.now() - started;
  const remaining = lifecycle.runAfter(until);
  // A caller that does not look at it is told by the step's own report.
  remaining.catch(() => undefined);
  return {
    containerId: inspect.Id,
    containerName: nameOf(inspect),
    image: inspect.Config.Image ?? project.configuration.image,
    localFolder: project.localFolder,
    configFile: project.configFile,
    remoteUser: user.name,
    remoteHome: user.home,
    remoteShell: user.shell,
    remoteWorkspaceFolder: project.workspace.folder,
    remoteEnv,
    state: container.state,
    ports,
    changed: container.changed,
    configuration: merged,
    timings: steps.timings,
    milliseconds,
    remaining,
  };
}

/** `NAME=value` for an exec; a bare `NAME` unsets it, as in Docker's API. */
export function environmentEntries(environment: Readonly<Record<string, string | null>>): string[] {
  return Object.entries(environment).map(([name, value]) => (value === null ? name : `${name}=${value}`));
}

/** A cache that cannot be made costs the browser editor, and nothing else. */
async function usableCache(path: string | undefined, report: Report): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    await mkdir(path, { recursive: true });
    return path;
  } catch (error) {
    report({
      kind: 'notice',
      text: `${path} cannot be made (${messageOf(error)}), so there will be no browser editor in this container.`,
    });
    return undefined;
  }
}

async function initialize(project: Project, options: OpenOptions, steps: Steps): Promise<void> {
  const { initializeCommand } = project.configuration;
  if (initializeCommand === undefined) return;
  const command = substitute(initializeCommand, project.variables);
  const text = describeCommand(command);
  if (text === '') return;
  if (!(await options.mayRunOnHost(text))) {
    throw new DevContainerError(
      'not-trusted',
      `${project.configFile} wants to run a command on this machine, and may not`,
      `Its initializeCommand is:\n${text}`,
      'Read it, and open the project again as a trusted one (berth up --trust) if you agree with it.',
    );
  }
  const { report, localEnv, signal } = options;
  await steps.run('initializeCommand', () =>
    runInitializeCommand(command, {
      folder: project.localFolder,
      localEnv,
      output: (stage, output) => report({ kind: 'output', stage, text: output }),
      signal,
    }),
  );
}

function waitFor({ waitFor: configured }: MergedConfiguration, all: boolean): Stage | undefined {
  if (all) return 'postAttachCommand';
  return configured === 'initializeCommand' ? undefined : (configured ?? 'updateContentCommand');
}

function parseEnvironment(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const equals = entry.indexOf('=');
      return equals === -1 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}

function describePorts(ports: readonly ForwardedPort[]): string {
  return ports
    .map(
      ({ containerPort, hostPort, label }) =>
        `${label === undefined ? '' : `${label} `}${containerPort} → 127.0.0.1:${hostPort}`,
    )
    .join(', ');
}
