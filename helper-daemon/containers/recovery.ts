/** After a start of the helper: what the rows say is compared with what runs. Containers went on meanwhile, or ended. */
import { never } from '../clock';
import type { Log } from '../log';
import type { Warden } from '../warden/verbs';
import { WardenError } from '../warden/warden-error';
import { Container } from './container';
import type { ContainerStore } from './container-store';
import { recordedExit } from './exit-file';
import type { Instance } from './instance';
import type { Lifecycle } from './lifecycle';
import type { ContainerRegistry } from './registry';

const SIGKILL = 9;

export interface RecoveryOptions {
  readonly instance: Instance;
  readonly warden: Warden;
  readonly store: ContainerStore;
  readonly registry: ContainerRegistry;
  readonly lifecycle: Lifecycle;
  readonly log: Log;
}

/** Resolves when every container's state is true, and leftovers of containers that are gone are swept. Restart policies follow from then on. */
export async function recover(options: RecoveryOptions): Promise<void> {
  const { registry, store, instance, warden, log } = options;
  for (const { record, state } of store.all())
    registry.add(new Container(record, state, instance.monitorSocket(record.id)));
  const ended: Container[] = [];
  await Promise.all(
    registry.all().map(async (container) => {
      if (!(await isStillAlive(container, options))) ended.push(container);
    }),
  );
  const live = registry.all().filter((container) => container.alive && !ended.includes(container));
  const swept = await warden.sweep(
    instance.cgroupParent,
    live.map((container) => container.id),
  );
  for (const container of ended) await recordEnd(container, options);
  await finishRemovals(options);
  log.info('Containers were compared with what runs.', {
    running: live.length,
    ended: ended.length,
    ...swept,
  });
}

/** @returns false for a container whose row says that it runs, and that does not; a live one is watched */
async function isStillAlive(container: Container, options: RecoveryOptions): Promise<boolean> {
  try {
    const state = await options.lifecycle.watch(container);
    if (state === 'running' && !container.alive) {
      // Its start was not written down before the crash; what runs is the truth.
      container.state = {
        ...container.state,
        status: 'running',
        startedAt: container.state.startedAt === never ? container.record.created : container.state.startedAt,
      };
    }
    if (state !== 'created') return true;
    // Launched and never started: nobody will start it any more.
    await container.monitor.kill(SIGKILL, true);
    return !container.alive;
  } catch (error) {
    if (!(error instanceof WardenError)) throw error;
    return !wasAlive(container);
  }
}

function wasAlive(container: Container): boolean {
  return container.alive || container.state.status === 'restarting';
}

async function recordEnd(container: Container, { lifecycle, instance }: RecoveryOptions): Promise<void> {
  if (container.state.status === 'restarting') {
    container.state = { ...container.state, status: 'running' };
  }
  await lifecycle.exited(container, recordedExit(container, instance.containerDirectory(container.id)));
}

/** A crash may have come between the end of a container with `--rm` and its removal. */
async function finishRemovals({ registry, lifecycle }: RecoveryOptions): Promise<void> {
  const left = registry
    .all()
    .filter(({ record, state }) => record.hostConfig.AutoRemove === true && state.status === 'exited');
  for (const container of left) await lifecycle.remove(container, { volumes: true });
}
