import type { HostConfig, PortMap } from '../../protocol/docker';
import { toMap } from '../grammar/environment';
import type { PublishedPortSpec } from '../grammar/port';
import type { CreateValues } from './values';

const notEmpty = <T>(items: readonly T[]): T[] | undefined => (items.length === 0 ? undefined : [...items]);

const mapOf = (pairs: readonly string[]): Record<string, string> | undefined =>
  pairs.length === 0 ? undefined : toMap(pairs);

function portBindings(ports: readonly PublishedPortSpec[]): PortMap {
  const bindings: PortMap = {};
  for (const { container, hostIp, hostPort } of ports) {
    (bindings[container] ??= []).push({ HostIp: hostIp, HostPort: hostPort });
  }
  return bindings;
}

/** The network that `NetworkMode` names: the first one given. */
export function primaryNetwork(flags: CreateValues): string {
  const first = [...flags.network, ...flags.net][0];
  return first === undefined ? 'default' : networkName(first);
}

/** `--network name=x,alias=y` has a long form; the short one is the name. */
export function networkName(text: string): string {
  return /(?:^|,)name=([^,]*)/.exec(text)?.[1] ?? text;
}

/** How the container runs on this host. */
export function hostConfigOf(flags: CreateValues): HostConfig {
  return {
    AutoRemove: flags.rm,
    Binds: notEmpty(flags.volume.flatMap((volume) => ('bind' in volume ? [volume.bind] : []))),
    Mounts: notEmpty(flags.mount),
    Tmpfs: flags.tmpfs.length === 0 ? undefined : Object.fromEntries(flags.tmpfs),
    VolumeDriver: flags['volume-driver'],
    VolumesFrom: notEmpty(flags['volumes-from']),
    PortBindings: portBindings(flags.publish.flat()),
    PublishAllPorts: flags['publish-all'],
    NetworkMode: primaryNetwork(flags),
    Links: notEmpty(flags.link),
    ExtraHosts: notEmpty(flags['add-host']),
    Dns: notEmpty(flags.dns),
    DnsOptions: notEmpty(flags['dns-option']),
    DnsSearch: notEmpty(flags['dns-search']),
    RestartPolicy: flags.restart ?? { Name: 'no', MaximumRetryCount: 0 },
    LogConfig: { Type: flags['log-driver'] ?? '', Config: toMap(flags['log-opt']) },
    ...limitsOf(flags),
    ...isolationOf(flags),
    ConsoleSize: process.stdout.isTTY ? [process.stdout.rows, process.stdout.columns] : [0, 0],
  };
}

function limitsOf(flags: CreateValues): HostConfig {
  return {
    Memory: flags.memory,
    MemoryReservation: flags['memory-reservation'],
    MemorySwap: flags['memory-swap'],
    MemorySwappiness: flags['memory-swappiness'],
    NanoCpus: flags.cpus,
    CpuPeriod: flags['cpu-period'],
    CpuQuota: flags['cpu-quota'],
    CpuShares: flags['cpu-shares'],
    CpusetCpus: flags['cpuset-cpus'],
    CpusetMems: flags['cpuset-mems'],
    BlkioWeight: flags['blkio-weight'],
    PidsLimit: flags['pids-limit'],
    Ulimits: notEmpty(flags.ulimit),
    OomKillDisable: flags['oom-kill-disable'] ? true : undefined,
    OomScoreAdj: flags['oom-score-adj'],
    ShmSize: flags['shm-size'],
    StorageOpt: mapOf(flags['storage-opt']),
    Devices: notEmpty(flags.device),
    DeviceCgroupRules: notEmpty(flags['device-cgroup-rule']),
    DeviceRequests: flags.gpus === undefined ? undefined : [flags.gpus],
  };
}

function isolationOf(flags: CreateValues): HostConfig {
  return {
    Privileged: flags.privileged,
    CapAdd: notEmpty(flags['cap-add']),
    CapDrop: notEmpty(flags['cap-drop']),
    SecurityOpt: notEmpty(flags['security-opt']),
    GroupAdd: notEmpty(flags['group-add']),
    ReadonlyRootfs: flags['read-only'],
    Init: flags.init ? true : undefined,
    IpcMode: flags.ipc,
    PidMode: flags.pid,
    UTSMode: flags.uts,
    UsernsMode: flags.userns,
    CgroupnsMode: flags.cgroupns,
    CgroupParent: flags['cgroup-parent'],
    Runtime: flags.runtime,
    Sysctls: mapOf(flags.sysctl),
    Annotations: mapOf(flags.annotation),
  };
}
