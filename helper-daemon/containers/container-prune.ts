/** `docker container prune`: the caller's own containers that do not run. */
import type { Caller, Filters } from '../api/services';
import type { Warden } from '../warden/verbs';
import { matchesContainer } from './container-filter';
import type { ExecRegistry } from './exec-registry';
import type { Instance } from './instance';
import type { Lifecycle } from './lifecycle';
import type { ContainerRegistry } from './registry';

interface PruneParts {
  readonly registry: ContainerRegistry;
  readonly lifecycle: Lifecycle;
  readonly execs: ExecRegistry;
  readonly warden: Warden;
  readonly instance: Instance;
}

/** Volumes stay. @returns the ids, and the bytes of the writable layers */
export async function pruneContainers(
  caller: Caller,
  filters: Filters,
  parts: PruneParts,
): Promise<{ ContainersDeleted: string[]; SpaceReclaimed: number }> {
  const { registry, lifecycle, execs, warden, instance } = parts;
  const labels: Filters = new Map([...filters].filter(([key]) => key === 'label'));
  const idle = registry
    .all()
    .filter(
      ({ record, state, starting }) =>
        record.ownerUid === caller.uid &&
        ['created', 'exited', 'dead'].includes(state.status) &&
        starting === undefined,
    )
    .filter((container) =>
      matchesContainer(container, labels, (reference) => registry.find(caller, reference)),
    );
  let reclaimed = 0;
  for (const container of idle) {
    reclaimed += (await warden.usage(`${instance.containerDirectory(container.id)}/rw/u`)).bytes;
    await lifecycle.remove(container, { volumes: false });
    execs.forget(container);
  }
  return { ContainersDeleted: idle.map((container) => container.id), SpaceReclaimed: reclaimed };
}
