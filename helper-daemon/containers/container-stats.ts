/** One sample of what a container uses. */
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { ContainerStats } from '../../protocol/docker';
import { never, nowNs, rfc3339 } from '../clock';
import type { Usage, Warden } from '../warden/verbs';
import type { Container } from './container';

const nsPerTick = 10_000_000;

/** CPU time of all processors of the host together, in nanoseconds. */
function systemCpuNs(): number {
  const first = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  return (
    first
      .trim()
      .split(/\s+/)
      .slice(1, 9)
      .reduce((sum, ticks) => sum + Number(ticks), 0) * nsPerTick
  );
}

function networksOf(pid: number): ContainerStats['networks'] {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/net/dev`, 'utf8');
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'EINVAL', 'ESRCH'].includes(String(error.code))
    )
      return undefined;
    throw error;
  }
  const networks: NonNullable<ContainerStats['networks']> = {};
  for (const line of text.split('\n').slice(2)) {
    const [name = '', rest = ''] = line.split(':');
    const numbers = rest.trim().split(/\s+/).map(Number);
    if (name.trim() === '' || name.trim() === 'lo') continue;
    const [
      rxBytes = 0,
      rxPackets = 0,
      rxErrors = 0,
      rxDropped = 0,
      ,
      ,
      ,
      ,
      txBytes = 0,
      txPackets = 0,
      txErrors = 0,
      txDropped = 0,
    ] = numbers;
    networks[name.trim()] = {
      rx_bytes: rxBytes,
      rx_packets: rxPackets,
      rx_errors: rxErrors,
      rx_dropped: rxDropped,
      tx_bytes: txBytes,
      tx_packets: txPackets,
      tx_errors: txErrors,
      tx_dropped: txDropped,
    };
  }
  return networks;
}

function cpuStats(usage: Usage | undefined): ContainerStats['cpu_stats'] {
  return {
    cpu_usage: {
      total_usage: usage?.cpuNanoseconds ?? 0,
      usage_in_kernelmode: 0,
      usage_in_usermode: usage?.cpuNanoseconds ?? 0,
    },
    ...(usage === undefined ? {} : { system_cpu_usage: systemCpuNs(), online_cpus: availableParallelism() }),
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  };
}

const noBlockStats: ContainerStats['blkio_stats'] = {
  io_service_bytes_recursive: null,
  io_serviced_recursive: null,
  io_queue_recursive: null,
  io_service_time_recursive: null,
  io_wait_time_recursive: null,
  io_merged_recursive: null,
  io_time_recursive: null,
  sectors_recursive: null,
};

/** Of a container that does not run all figures are zero, as with Docker. */
export async function sampleStats(
  container: Container,
  warden: Warden,
  previous: ContainerStats | undefined,
): Promise<ContainerStats> {
  const usage = container.alive ? await warden.stats(container.id) : undefined;
  const networks = container.alive ? networksOf(container.state.pid) : undefined;
  return {
    name: `/${container.record.name}`,
    id: container.id,
    read: usage === undefined ? never : rfc3339(nowNs()),
    preread: previous?.read ?? never,
    num_procs: 0,
    pids_stats: usage === undefined ? {} : { current: usage.pids },
    cpu_stats: cpuStats(usage),
    precpu_stats: previous?.cpu_stats ?? cpuStats(undefined),
    memory_stats:
      usage === undefined
        ? {}
        : {
            usage: usage.memoryBytes,
            limit: usage.memoryLimit > 0 ? Math.min(usage.memoryLimit, totalmem()) : totalmem(),
            stats: {},
          },
    blkio_stats: noBlockStats,
    ...(networks === undefined ? {} : { networks }),
    storage_stats: {},
  };
}
