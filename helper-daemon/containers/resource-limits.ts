/** Docker's resource options as the warden takes them. */
import { constants } from 'node:os';
import type { HostConfig, Ulimit } from '../../protocol/docker';
import { EngineError } from '../error';
import type { LaunchPlan, Resources } from '../warden/launch-plan';

const defaultPeriod = 100_000;
const nanoCpusPerCpu = 1_000_000_000;
/** The kernel wants a quota of a millisecond at least, in a period of 100. */
const leastNanoCpus = nanoCpusPerCpu / 100;
const leastMicroseconds = 1_000;
const mostMicroseconds = 1_000_000;
const infinity = 0xffffffffffffffffn;

const rlimitNumbers: Readonly<Record<string, number>> = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
};

const bad = (message: string) => new EngineError(400, 'bad-resources', message);

/** Both in microseconds; 0 is unset. */
function checkBandwidth(period: number, quota: number): void {
  if (period !== 0 && (period < leastMicroseconds || period > mostMicroseconds))
    throw bad(
      `CPU cfs period can not be less than 1ms (i.e. ${leastMicroseconds}) or larger than 1s (i.e. ${mostMicroseconds})`,
    );
  if (quota > 0 && quota < leastMicroseconds)
    throw bad(`CPU cfs quota can not be less than 1ms (i.e. ${leastMicroseconds})`);
}

/** @throws EngineError 400 in Docker's words */
export function resourcesOf(host: HostConfig, cpus: number): Resources {
  const memory = host.Memory ?? 0;
  const swap = host.MemorySwap ?? 0;
  if (swap > 0 && memory === 0)
    throw bad('You should always set the Memory limit when using Memoryswap limit, see usage');
  if (swap > 0 && swap < memory)
    throw bad('Minimum memoryswap limit should be larger than memory limit, see usage');
  const nano = host.NanoCpus ?? 0;
  if (nano > 0 && ((host.CpuPeriod ?? 0) > 0 || (host.CpuQuota ?? 0) > 0))
    throw bad('Conflicting options: Nano CPUs and CPU Period/Quota cannot both be set');
  if (nano !== 0 && (nano < leastNanoCpus || nano > cpus * nanoCpusPerCpu))
    throw bad(`Range of CPUs is from 0.01 to ${cpus.toFixed(2)}, as there are only ${cpus} CPUs available`);
  checkBandwidth(host.CpuPeriod ?? 0, host.CpuQuota ?? 0);
  return {
    memory,
    memorySwap: swap,
    memoryReservation: host.MemoryReservation ?? 0,
    cpuShares: host.CpuShares ?? 0,
    cpuPeriod: nano > 0 ? defaultPeriod : (host.CpuPeriod ?? 0),
    cpuQuota: nano > 0 ? Math.floor((nano * defaultPeriod) / nanoCpusPerCpu) : (host.CpuQuota ?? 0),
    cpusetCpus: host.CpusetCpus ?? '',
    cpusetMems: host.CpusetMems ?? '',
    pids: Math.max(-1, host.PidsLimit ?? 0),
  };
}

/** A confined user's container has never more processes than the quota, and this many when it names no number. */
export function withinQuota(resources: Resources, admin: boolean, maxProcesses: number): Resources {
  if (admin) return resources;
  const { pids } = resources;
  return { ...resources, pids: pids > 0 ? Math.min(pids, maxProcesses) : maxProcesses };
}

function limit(value: number | undefined): bigint {
  if (value === undefined) return 0n;
  return value < 0 ? infinity : BigInt(value);
}

/** @throws EngineError 400 for a name that Linux has no limit of */
export function rlimitsOf(ulimits: readonly Ulimit[]): LaunchPlan['rlimits'] {
  return ulimits.map(({ Name: name, Soft: soft, Hard: hard }) => {
    const resource = rlimitNumbers[name];
    if (resource === undefined) throw bad(`invalid ulimit type: ${name}`);
    if (soft !== undefined && hard !== undefined && hard >= 0 && (soft > hard || soft < 0))
      throw bad(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
    return { resource, soft: limit(soft ?? hard), hard: limit(hard ?? soft) };
  });
}

/** What the shell shows for an exit by a signal. */
export const killedExitCode = 128 + constants.signals.SIGKILL;
