/** What happened from create to exec, in order, with the figures of this very run. */
import type { NetworkStore } from '../networks/network-store';
import type { IdRanges } from '../policy/id-ranges';
import type { Launched } from '../warden/verbs';
import type { Container } from './container';
import type { TraceStep } from './container-record';
import type { Instance } from './instance';

interface TraceSources {
  readonly instance: Instance;
  readonly networks: NetworkStore;
  readonly ranges: IdRanges;
}

/** @param execMs from START to the answer that `execve` has succeeded */
export function startTrace(
  container: Container,
  launched: Launched,
  execMs: number,
  sources: TraceSources,
): TraceStep[] {
  const created = container.state.trace.filter((step) => ['create', 'image'].includes(step.Name));
  const steps = launched.timings.map(({ step, nanoseconds }) => ({
    Name: step,
    Detail: detail(container, step, launched, sources),
    Milliseconds: nanoseconds / 1e6,
  }));
  const command = container.record.args.join(' ');
  return [
    ...created,
    ...steps,
    { Name: 'exec', Detail: `${command} is process ${launched.initPid} of the host`, Milliseconds: execMs },
  ];
}

function detail({ record }: Container, step: string, launched: Launched, sources: TraceSources): string {
  switch (step) {
    case 'layers': {
      const count = record.layers.length;
      return `${count} ${count === 1 ? 'layer' : 'layers'} of the image and a writable one united`;
    }
    case 'network': {
      const endpoint = sources.networks.endpointOf(record.id);
      return endpoint === undefined ? record.network : `${endpoint.ip} in the network ${record.network}`;
    }
    case 'cgroup':
      return sources.instance.cgroupPath(record.id);
    case 'namespaces':
      return `user ${launched.uid}:${launched.gid} inside, ids from ${sources.ranges.of(record.ownerUid).base} outside`;
    case 'rootfs':
      return record.mounts.length === 0
        ? 'nothing else mounted'
        : `${record.mounts.map((mount) => mount.target).join(', ')} mounted`;
    default:
      return '';
  }
}
