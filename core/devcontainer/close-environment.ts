import { resolve } from 'node:path';
import type { ContainerSummary } from '../../protocol/docker';
import type { EngineClient } from '../engine/client';
import { DevContainerError } from './error';
import { containersOf } from './find-container';

export interface ClosedContainer {
  readonly id: string;
  readonly name: string;
  /** False: it was stopped already. */
  readonly changed: boolean;
}

/** Stops every dev container of a folder. Throws DevContainerError('no-environment') if there is none. */
export async function stopEnvironment(
  engine: EngineClient,
  folder: string,
  signal?: AbortSignal,
): Promise<ClosedContainer[]> {
  return forEach(engine, folder, signal, (container) => engine.containers.stop(container.Id, { signal }));
}

/** Stops and removes every dev container of a folder, with its anonymous volumes; the project's files stay. */
export async function removeEnvironment(
  engine: EngineClient,
  folder: string,
  signal?: AbortSignal,
): Promise<ClosedContainer[]> {
  return forEach(engine, folder, signal, async (container) => {
    if (container.State === 'running') await engine.containers.stop(container.Id, { signal });
    await engine.containers.remove(container.Id, { force: true, volumes: true, signal });
    return true;
  });
}

/** Gives the files that other container users have made in the folder to the developer. Returns how many changed hands. */
export async function ownEnvironment(
  engine: EngineClient,
  folder: string,
  signal?: AbortSignal,
): Promise<number> {
  let changed = 0;
  for (const { Id } of await existing(engine, folder, signal)) {
    changed += (await engine.containers.own(Id, { signal })).changed;
  }
  return changed;
}

async function forEach(
  engine: EngineClient,
  folder: string,
  signal: AbortSignal | undefined,
  work: (container: ContainerSummary) => Promise<boolean>,
): Promise<ClosedContainer[]> {
  const closed: ClosedContainer[] = [];
  for (const container of await existing(engine, folder, signal)) {
    const name = container.Names[0]?.replace(/^\//, '') ?? container.Id.slice(0, 12);
    closed.push({ id: container.Id, name, changed: await work(container) });
  }
  return closed;
}

async function existing(
  engine: EngineClient,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<ContainerSummary[]> {
  const localFolder = resolve(folder);
  const found = await containersOf(engine, localFolder, signal);
  if (found.length > 0) return found;
  throw new DevContainerError(
    'no-environment',
    `${localFolder} has no dev container`,
    'No container was made from it, or it has been removed.',
    'Make one with: berth up',
  );
}
