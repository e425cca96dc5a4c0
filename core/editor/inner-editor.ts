import { z } from 'zod';
import { DevContainerError } from '../devcontainer/error';
import { environmentEntries } from '../devcontainer/open-environment';
import type { Environment } from '../devcontainer/open-environment';
import type { EngineClient } from '../engine/client';
import { EngineRequestError, messageOf } from '../error';
import { launchCommand } from './launch-server';
import { editorVersion, innerNode, innerServer } from './server-cache';
import type { Availability, WayIn } from './way-in';

export interface InnerEditor {
  /** `http://127.0.0.1:PORT/?tkn=…&folder=…` */
  readonly url: string;
  /** On this machine. */
  readonly port: number;
  readonly token: string;
  /** It was running already. */
  readonly reused: boolean;
}

const Result = z.union([
  z.object({ port: z.int(), token: z.string(), reused: z.boolean() }),
  z.object({ failure: z.string(), log: z.string() }),
]);

const startLimit = 60_000;

/**
 * Starts the browser editor inside an environment, as its developer and with their environment, or finds the one that
 * runs, and publishes its port on 127.0.0.1. It ends with the container.
 * @throws DevContainerError('editor-missing' or 'editor-failed')
 */
export async function startInnerEditor(
  engine: EngineClient,
  environment: Environment,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<InnerEditor> {
  const { signal } = options;
  const launched = await launch(engine, environment, signal);
  const port = await publish(engine, environment.containerId, launched.port, signal);
  const query = new URLSearchParams({ tkn: launched.token });
  // Slashes may stay as they are in a query, and read better so.
  const folder = encodeURIComponent(environment.remoteWorkspaceFolder).replaceAll('%2F', '/');
  const url = `http://127.0.0.1:${port}/?${query.toString()}&folder=${folder}`;
  return { url, port, token: launched.token, reused: launched.reused };
}

/** The browser editor as a step of the ladder. */
export function browserWayIn(engine: EngineClient): WayIn {
  return {
    id: 'browser',
    available: (environment) => availability(engine, environment),
    open: (environment, options) => startInnerEditor(engine, environment, options),
  };
}

async function availability(engine: EngineClient, environment: Environment): Promise<Availability> {
  const { exitCode } = await engine.exec(environment.containerId, {
    command: ['/bin/sh', '-c', '[ -r "$0" ] && [ -x "$1" ]', innerServer, innerNode],
    user: environment.remoteUser,
  });
  return exitCode === 0 ? { available: true } : { available: false, why: missing.why };
}

async function launch(
  engine: EngineClient,
  environment: Environment,
  signal: AbortSignal | undefined,
): Promise<{ port: number; token: string; reused: boolean }> {
  const run = await engine
    .exec(environment.containerId, {
      command: launchCommand(innerNode, {
        server: innerServer,
        directory: `${environment.remoteHome}/.berth/editor`,
        milliseconds: startLimit,
      }),
      user: environment.remoteUser,
      workingDirectory: environment.remoteWorkspaceFolder,
      environment: environmentEntries(environment.remoteEnv),
      signal,
    })
    .catch((error: unknown) => {
      if (!(error instanceof EngineRequestError)) throw error;
      return { stdout: '', stderr: error.message, exitCode: 127 };
    });
  const result = Result.safeParse(parseJson(run.stdout)).data ?? {
    failure: `exit code ${run.exitCode}`,
    log: `${run.stdout}${run.stderr}`,
  };
  if ('port' in result) return result;
  const available = await availability(engine, environment);
  if (!available.available)
    throw new DevContainerError('editor-missing', missing.what, missing.why, missing.next);
  throw new DevContainerError(
    'editor-failed',
    'The browser editor could not be started inside the container',
    [result.failure, result.log.trim()].filter((text) => text !== '').join('\n'),
    'The image needs glibc 2.28 or later and libstdc++, as Debian 12 has them. A terminal works in any image: berth exec -it.',
  );
}

const missing = {
  what: 'The browser editor is not there inside the container',
  why: `Version ${editorVersion} is not in the cache of this machine, or the container was made without it.`,
  next: 'Install it with "node scripts/editor-server.mjs"; if the container is older than that, make it anew: berth up --recreate.',
};

async function publish(
  engine: EngineClient,
  container: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { NetworkSettings } = await engine.containers.inspect(container, { signal });
  const known = NetworkSettings.Ports[`${port}/tcp`]?.find(({ HostIp }) => HostIp === '127.0.0.1');
  if (known !== undefined) return Number(known.HostPort);
  const published = await engine.containers
    .publish(container, { ContainerPort: port, HostPort: 0, HostIp: '127.0.0.1', Proto: 'tcp' }, { signal })
    .catch((error: unknown) => {
      if (!(error instanceof EngineRequestError)) throw error;
      throw new DevContainerError(
        'editor-failed',
        'The port of the browser editor could not be published',
        messageOf(error),
        'Look at the helper with: berth doctor',
        { cause: error },
      );
    });
  return published.HostPort;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not what the launcher prints: the caller shows it as it is.
    return undefined;
  }
}
