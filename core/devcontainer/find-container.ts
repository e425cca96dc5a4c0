import type { ContainerSummary } from '../../protocol/docker';
import type { EngineClient } from '../engine/client';
import { configFileLabel, localFolderLabel } from './labels';

/**
 * The container of a workspace and configuration: the one with both labels, else one with the folder alone, as older
 * tools made them. A running one comes before a stopped one, then the newest.
 */
export async function findContainer(
  engine: EngineClient,
  localFolder: string,
  configFile: string,
  signal: AbortSignal | undefined,
): Promise<ContainerSummary | undefined> {
  const all = await containersOf(engine, localFolder, signal);
  const exact = all.filter(({ Labels }) => Labels[configFileLabel] === configFile);
  const old = all.filter(({ Labels }) => Labels[configFileLabel] === undefined);
  return (exact.length > 0 ? exact : old).sort(byPreference)[0];
}

/** Every dev container of a workspace folder, whatever its configuration, the one to prefer first. */
export async function containersOf(
  engine: EngineClient,
  localFolder: string,
  signal: AbortSignal | undefined,
): Promise<ContainerSummary[]> {
  const found = await engine.containers.list({
    all: true,
    filters: { label: [`${localFolderLabel}=${localFolder}`] },
    signal,
  });
  return found.filter(({ State }) => State !== 'removing' && State !== 'dead').sort(byPreference);
}

function byPreference(one: ContainerSummary, other: ContainerSummary): number {
  return Number(other.State === 'running') - Number(one.State === 'running') || other.Created - one.Created;
}
