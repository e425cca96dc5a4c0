/**
 * What each key of HostConfig may say, for whom. The table has an entry for every key that the schema knows, which the compiler checks:
 * no sibling of a judged option is ever forgotten. Neutral spellings of "unset" are dropped before.
 */
import type { HostConfig, Mount } from '../../protocol/docker';
import { isNeutral } from '../../protocol/docker/request-schema';
import type { Caller } from '../api/services';
import { EngineError } from '../error';
import { judgeCapabilities } from './capability-policy';
import { hostAddress, judgePublish } from './published-address';
import { refused, unsupported } from './refusal';
import { maskedPaths, readonlyPaths } from './system-paths';
import { judgeSysctls } from './sysctl-policy';

interface Context {
  readonly caller: Caller;
  readonly host: HostConfig;
}
type Rule<T> = (value: T, context: Context) => void;
type Rules = { readonly [Key in keyof Required<HostConfig>]: Rule<NonNullable<HostConfig[Key]>> };

const minMemory = 6 * 1024 * 1024;
const maxPort = 65535;

/** Implemented, and harmless in anybody's hands. */
const fine = (): void => undefined;
/** Means nothing to an engine on Linux. */
const ignored = fine;

const never =
  (option: string, why: string) =>
  (_value: unknown): void => {
    throw unsupported(option, why);
  };

/** Administrators only. */
const reserved =
  (code: string, option: string, why: string) =>
  (_value: unknown, { caller }: Context): void => {
    if (!caller.admin) throw refused(caller, code, option, why);
  };

/** Not implemented, and for a confined caller it would not be allowed either. */
const reservedAndUnsupported =
  (code: string, option: string, why: string) =>
  (_value: unknown, { caller }: Context): void => {
    if (!caller.admin) throw refused(caller, code, option, why);
    throw unsupported(option, 'Berth does not support it');
  };

/** One of the words, `host` for administrators, and nothing else. */
const namespace =
  (option: string, own: readonly string[], shares: string): Rule<string> =>
  (value, { caller }) => {
    if (own.includes(value)) return;
    if (value === 'host') {
      if (!caller.admin)
        throw refused(
          caller,
          'namespace',
          `${option}=host`,
          `it would share the host's ${shares} with the container`,
        );
      return;
    }
    throw unsupported(`${option}=${value}`, "only an own namespace or the host's is supported");
  };

function judgeNetworkMode(value: string, { caller }: Context): void {
  if (value === 'host' && !caller.admin)
    throw refused(
      caller,
      'namespace',
      '--network=host',
      "it would share the host's network with the container",
      'Publish the ports that you need with -p.',
    );
  if (value.startsWith('container:'))
    throw unsupported(`--network=${value}`, "sharing another container's network is not supported");
}

function judgePorts(bindings: NonNullable<HostConfig['PortBindings']>, { caller }: Context): void {
  for (const binding of Object.values(bindings).flat()) {
    const address = hostAddress(binding.HostIp);
    const ports = (binding.HostPort ?? '').split('-').map(Number);
    if (ports.some((port) => !Number.isInteger(port) || port < 0 || port > maxPort))
      throw new EngineError(400, 'bad-port', `invalid port specification: "${binding.HostPort ?? ''}"`);
    for (const port of ports) judgePublish(caller, address, port);
  }
}

function judgeSecurityOptions(options: readonly string[], { caller }: Context): void {
  for (const option of options) {
    const [, name = '', value = ''] = /^([^=:]+)(?:[=:]([\s\S]*))?$/.exec(option) ?? [];
    if (name === 'no-new-privileges' && ['', 'true', 'false'].includes(value)) continue;
    if (name === 'seccomp' && ['default', 'builtin'].includes(value)) continue;
    if (name === 'label' && value === 'disable') continue;
    if (value === 'unconfined' && ['seccomp', 'apparmor', 'systempaths'].includes(name)) {
      if (!caller.admin)
        throw refused(
          caller,
          'security-opt',
          `--security-opt ${option}`,
          "it would take away a defence of the host's kernel",
        );
      continue;
    }
    throw unsupported(
      `--security-opt ${option.slice(0, 80)}`,
      'Berth has its own seccomp profile, and no other security module is in use',
    );
  }
}

function judgeMount(mount: Mount, { caller }: Context): void {
  if (!['bind', 'volume', 'tmpfs'].includes(mount.Type))
    throw unsupported(`--mount type=${mount.Type}`, 'only bind, volume and tmpfs mounts are supported');
  judgePropagation(mount.BindOptions?.Propagation ?? '', caller);
  const { DriverConfig: driver, Subpath: subpath } = mount.VolumeOptions ?? {};
  if (!['', 'local'].includes(driver?.Name ?? '') || !isNeutral(driver?.Options)) {
    if (!caller.admin)
      throw refused(
        caller,
        'volume-driver',
        'a volume driver with options',
        'it could name any directory of the host',
        'Use a plain volume, or a bind mount of a directory of yours.',
      );
    throw unsupported('volume-driver', 'only plain local volumes are supported');
  }
  if (subpath !== undefined && subpath !== '')
    throw unsupported('volume-subpath', 'a volume is always mounted whole');
  if (!isNeutral(mount.TmpfsOptions?.Options))
    throw unsupported('tmpfs options', 'only size and mode are supported');
}

function judgePropagation(mode: string, caller: Caller): void {
  if (['', 'private', 'rprivate'].includes(mode)) return;
  if (!caller.admin)
    throw refused(
      caller,
      'propagation',
      `mount propagation ${mode}`,
      'mounts of the container would appear on the host, or the reverse',
    );
  throw unsupported(`bind-propagation=${mode}`, 'mounts are always private');
}

function judgeBind(bind: string, { caller }: Context): void {
  for (const option of (bind.split(':')[2] ?? '').split(',')) {
    if (['shared', 'rshared', 'slave', 'rslave'].includes(option)) judgePropagation(option, caller);
  }
}

const covers =
  (option: string, required: readonly string[]): Rule<readonly string[]> =>
  (value, { caller }) => {
    if (!caller.admin && required.some((path) => !value.includes(path)))
      throw refused(caller, 'system-paths', option, "it would show parts of the host's /proc and /sys");
  };

const devices = reserved('device', '--device', 'devices belong to the host');
const blockLimits = never(
  '--blkio-weight and --device-read-bps and the like',
  'limits on block devices are not supported',
);
const realTime = reservedAndUnsupported(
  'realtime',
  '--cpu-rt-runtime',
  'real-time processes can stop the host',
);
const windows = never('an option for Windows', 'containers here are Linux containers');

const rules: Rules = {
  CpuShares: fine,
  Memory: (value) => {
    if (value > 0 && value < minMemory)
      throw new EngineError(400, 'bad-memory', 'Minimum memory limit allowed is 6MB');
  },
  NanoCpus: fine,
  CgroupParent: reservedAndUnsupported(
    'cgroup-parent',
    '--cgroup-parent',
    'limits of other control groups would be evaded',
  ),
  BlkioWeight: blockLimits,
  BlkioWeightDevice: blockLimits,
  BlkioDeviceReadBps: blockLimits,
  BlkioDeviceWriteBps: blockLimits,
  BlkioDeviceReadIOps: blockLimits,
  BlkioDeviceWriteIOps: blockLimits,
  CpuPeriod: fine,
  CpuQuota: fine,
  CpuRealtimePeriod: realTime,
  CpuRealtimeRuntime: realTime,
  CpusetCpus: fine,
  CpusetMems: fine,
  Devices: devices,
  DeviceCgroupRules: reservedAndUnsupported('device', '--device-cgroup-rule', 'devices belong to the host'),
  DeviceRequests: reservedAndUnsupported('device', '--gpus', 'devices belong to the host'),
  KernelMemory: never('--kernel-memory', 'the kernel has no such limit any more'),
  KernelMemoryTCP: never('KernelMemoryTCP', 'it is not supported'),
  MemoryReservation: fine,
  MemorySwap: fine,
  MemorySwappiness: (value) => {
    if (value !== -1) throw unsupported('--memory-swappiness', 'it is not supported');
  },
  OomKillDisable: never('--oom-kill-disable', 'a container out of memory would hang for ever'),
  PidsLimit: fine,
  Ulimits: fine,
  CpuCount: windows,
  CpuPercent: windows,
  IOMaximumIOps: windows,
  IOMaximumBandwidth: windows,
  Binds: (value, context) => {
    for (const bind of value) judgeBind(bind, context);
  },
  ContainerIDFile: ignored,
  LogConfig: (value, { caller }) => {
    if (['', 'json-file', 'local', 'none'].includes(value.Type ?? '')) return;
    if (!caller.admin)
      throw refused(
        caller,
        'log-driver',
        `--log-driver ${value.Type ?? ''}`,
        "it would write into the host's own logs",
      );
    throw unsupported(`--log-driver ${value.Type ?? ''}`, 'the log drivers are json-file, local and none');
  },
  NetworkMode: judgeNetworkMode,
  PortBindings: judgePorts,
  RestartPolicy: (value, { host }) => {
    const name = value.Name ?? '';
    if (!['', 'no', 'always', 'on-failure', 'unless-stopped'].includes(name))
      throw new EngineError(
        400,
        'bad-restart-policy',
        `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
      );
    if (host.AutoRemove === true && !['', 'no'].includes(name))
      throw new EngineError(
        400,
        'bad-restart-policy',
        "can't create 'AutoRemove' container with restart policy",
      );
  },
  AutoRemove: fine,
  VolumeDriver: (value, { caller }) => {
    if (value === 'local') return;
    if (!caller.admin)
      throw refused(
        caller,
        'volume-driver',
        `--volume-driver ${value}`,
        'volume drivers are programs of the host',
      );
    throw unsupported(`--volume-driver ${value}`, 'only the driver local is supported');
  },
  VolumesFrom: never('--volumes-from', 'name the volumes themselves with -v'),
  Mounts: (value, context) => {
    for (const mount of value) judgeMount(mount, context);
  },
  ConsoleSize: fine,
  Annotations: fine,
  CapAdd: (value, { caller }) => {
    judgeCapabilities(caller, value);
  },
  CapDrop: fine,
  CgroupnsMode: namespace('--cgroupns', ['private'], 'control groups'),
  Dns: fine,
  DnsOptions: fine,
  DnsSearch: fine,
  ExtraHosts: fine,
  GroupAdd: fine,
  IpcMode: namespace('--ipc', ['private', 'shareable', 'none'], 'memory segments and queues'),
  Cgroup: reservedAndUnsupported('cgroup-parent', 'Cgroup', 'limits of other control groups would be evaded'),
  Links: never('--link', 'put both containers into one network; they find each other by name there'),
  OomScoreAdj: (value, { caller }) => {
    if (value < -1000 || value > 1000)
      throw new EngineError(
        400,
        'bad-oom-score',
        `Invalid value ${value}, range for oom score adj is [-1000, 1000]`,
      );
    if (value < 0 && !caller.admin)
      throw refused(
        caller,
        'oom-score',
        '--oom-score-adj below 0',
        'the kernel would end processes of the host instead',
      );
  },
  PidMode: namespace('--pid', ['private'], 'processes'),
  Privileged: reserved('privileged', '--privileged', "the container would have root's power over the host"),
  PublishAllPorts: fine,
  ReadonlyRootfs: fine,
  SecurityOpt: judgeSecurityOptions,
  StorageOpt: never('--storage-opt', 'it is not supported'),
  Tmpfs: fine,
  UTSMode: namespace('--uts', ['private'], 'host name'),
  UsernsMode: namespace('--userns', ['private'], 'user ids'),
  ShmSize: (value) => {
    if (value < 0) throw new EngineError(400, 'bad-shm-size', 'SHM size can not be less than 0');
  },
  Sysctls: (value, { caller, host }) => {
    judgeSysctls(caller, value, { net: host.NetworkMode !== 'host', ipc: host.IpcMode !== 'host' });
  },
  Runtime: (value, { caller }) => {
    if (['runc', 'berth', 'io.containerd.runc.v2'].includes(value)) return;
    if (!caller.admin)
      throw refused(
        caller,
        'runtime',
        `--runtime ${value}`,
        'a runtime is a program that runs as root on the host',
      );
    throw unsupported(`--runtime ${value}`, 'no other runtime is configured');
  },
  Isolation: (value) => {
    if (value !== 'default') windows(value);
  },
  MaskedPaths: covers('MaskedPaths', maskedPaths),
  ReadonlyPaths: covers('ReadonlyPaths', readonlyPaths),
  Init: fine,
};

/** Empty lists are values of these keys, not their absence. */
const emptyMatters: ReadonlySet<string> = new Set(['MaskedPaths', 'ReadonlyPaths']);

function judgeKey(key: keyof HostConfig, context: Context): void {
  const value = context.host[key];
  if (value === undefined || (isNeutral(value) && !emptyMatters.has(key))) return;
  // The table's type pairs each key with its own value; for a key that is only known when it runs the compiler cannot see that.
  (rules[key] as Rule<unknown>)(value, context);
}

/** @throws EngineError 400 or 403 that names the first option which is not allowed */
export function judgeHostConfig(caller: Caller, host: HostConfig): void {
  for (const key of Object.keys(rules) as (keyof Required<HostConfig>)[]) judgeKey(key, { caller, host });
}
