import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Device, DeviceRequest, Ulimit } from '../../protocol/docker';
import { commaFields } from './comma-fields';
import { parseMount } from './mounts';
import { parseBytes, parseDecimal, parseInteger } from './quantity';
import { absoluteBind, environmentEntry, keyAndValue, publish } from './run-options';
import type { FlagContext, RunOptions } from './run-options';

/** What a flag with a value does. `flag` is its name as written, for messages. */
export type ValueFlag = (options: RunOptions, value: string, flag: string, context: FlagContext) => void;
export type SwitchFlag = (options: RunOptions, on: boolean) => void;

const append = (list: readonly string[] | undefined, value: string): string[] => [...(list ?? []), value];
const ignored = (): void => undefined;

/** Flags of `docker run` that take a value. */
export const valueFlags: Readonly<Record<string, ValueFlag>> = {
  'add-host': ({ host }, value) => (host.ExtraHosts = append(host.ExtraHosts, value.replace('=', ':'))),
  annotation: ({ host }, value) => (host.Annotations = { ...host.Annotations, ...entry(value) }),
  'cap-add': ({ host }, value) => (host.CapAdd = append(host.CapAdd, value)),
  'cap-drop': ({ host }, value) => (host.CapDrop = append(host.CapDrop, value)),
  'cgroup-parent': ({ host }, value) => (host.CgroupParent = value),
  cgroupns: ({ host }, value) => (host.CgroupnsMode = value),
  'cpu-period': ({ host }, value, flag) => (host.CpuPeriod = parseInteger(value, flag)),
  'cpu-quota': ({ host }, value, flag) => (host.CpuQuota = parseInteger(value, flag)),
  'cpu-shares': ({ host }, value, flag) => (host.CpuShares = parseInteger(value, flag)),
  cpus: ({ host }, value, flag) => (host.NanoCpus = Math.round(parseDecimal(value, flag) * 1e9)),
  'cpuset-cpus': ({ host }, value) => (host.CpusetCpus = value),
  'cpuset-mems': ({ host }, value) => (host.CpusetMems = value),
  device: ({ host }, value) => (host.Devices = [...(host.Devices ?? []), device(value)]),
  'device-cgroup-rule': ({ host }, value) => (host.DeviceCgroupRules = append(host.DeviceCgroupRules, value)),
  dns: ({ host }, value) => (host.Dns = append(host.Dns, value)),
  'dns-option': ({ host }, value) => (host.DnsOptions = append(host.DnsOptions, value)),
  'dns-search': ({ host }, value) => (host.DnsSearch = append(host.DnsSearch, value)),
  domainname: ({ config }, value) => (config.Domainname = value),
  // A dev container's entrypoint is always the one that keeps it alive, as in the reference CLI.
  entrypoint: ignored,
  env: ({ config }, value, _, context) => {
    const variable = environmentEntry(value, context);
    if (variable !== undefined) config.Env = append(config.Env, variable);
  },
  'env-file': ({ config }, value, _, context) => {
    for (const line of lines(resolve(context.folder, value))) {
      const variable = environmentEntry(line, context);
      if (variable !== undefined) config.Env = append(config.Env, variable);
    }
  },
  expose: ({ config }, value) => {
    const [port = '', proto = 'tcp'] = value.split('/');
    config.ExposedPorts = { ...config.ExposedPorts, [`${port}/${proto}`]: {} };
  },
  gpus: ({ host }, value, flag) =>
    (host.DeviceRequests = [...(host.DeviceRequests ?? []), gpus(value, flag)]),
  'group-add': ({ host }, value) => (host.GroupAdd = append(host.GroupAdd, value)),
  hostname: ({ config }, value) => (config.Hostname = value),
  ip: ({ endpoint }, value) => (endpoint.IPAMConfig = { ...endpoint.IPAMConfig, IPv4Address: value }),
  ip6: ({ endpoint }, value) => (endpoint.IPAMConfig = { ...endpoint.IPAMConfig, IPv6Address: value }),
  ipc: ({ host }, value) => (host.IpcMode = value),
  label: ({ config }, value) => (config.Labels = { ...config.Labels, ...entry(value) }),
  'label-file': ({ config }, value, _, context) => {
    for (const line of lines(resolve(context.folder, value)))
      config.Labels = { ...config.Labels, ...entry(line) };
  },
  link: ({ host }, value) => (host.Links = append(host.Links, value)),
  'log-driver': ({ host }, value) => (host.LogConfig = { ...host.LogConfig, Type: value }),
  'log-opt': ({ host }, value) =>
    (host.LogConfig = { ...host.LogConfig, Config: { ...host.LogConfig?.Config, ...entry(value) } }),
  'mac-address': ({ config }, value) => (config.MacAddress = value),
  memory: ({ host }, value, flag) => (host.Memory = parseBytes(value, flag)),
  'memory-reservation': ({ host }, value, flag) => (host.MemoryReservation = parseBytes(value, flag)),
  'memory-swap': ({ host }, value, flag) => (host.MemorySwap = value === '-1' ? -1 : parseBytes(value, flag)),
  mount: ({ host }, value) => (host.Mounts = [...(host.Mounts ?? []), parseMount(value)]),
  name: (options, value) => (options.name = value),
  network: ({ host }, value) => (host.NetworkMode = value),
  'network-alias': ({ endpoint }, value) => (endpoint.Aliases = append(endpoint.Aliases, value)),
  'oom-score-adj': ({ host }, value, flag) => (host.OomScoreAdj = parseInteger(value, flag)),
  pid: ({ host }, value) => (host.PidMode = value),
  'pids-limit': ({ host }, value, flag) => (host.PidsLimit = parseInteger(value, flag)),
  platform: (options, value) => (options.platform = value),
  publish,
  // Berth pulls what is missing; nothing else is asked of it here.
  pull: ignored,
  restart: ({ host }, value, flag) => {
    const [policy = '', count] = value.split(':');
    host.RestartPolicy = {
      Name: policy,
      MaximumRetryCount: count === undefined ? 0 : parseInteger(count, flag),
    };
  },
  runtime: ({ host }, value) => (host.Runtime = value),
  'security-opt': ({ host }, value) => (host.SecurityOpt = append(host.SecurityOpt, value)),
  'shm-size': ({ host }, value, flag) => (host.ShmSize = parseBytes(value, flag)),
  'stop-signal': ({ config }, value) => (config.StopSignal = value),
  'stop-timeout': ({ config }, value, flag) => (config.StopTimeout = parseInteger(value, flag)),
  'storage-opt': ({ host }, value) => (host.StorageOpt = { ...host.StorageOpt, ...entry(value) }),
  sysctl: ({ host }, value) => (host.Sysctls = { ...host.Sysctls, ...entry(value) }),
  tmpfs: ({ host }, value) => {
    const colon = value.indexOf(':');
    const [target, options] = colon === -1 ? [value, ''] : [value.slice(0, colon), value.slice(colon + 1)];
    host.Tmpfs = { ...host.Tmpfs, [target]: options };
  },
  ulimit: ({ host }, value, flag) => (host.Ulimits = [...(host.Ulimits ?? []), ulimit(value, flag)]),
  user: ({ config }, value) => (config.User = value),
  userns: ({ host }, value) => (host.UsernsMode = value),
  uts: ({ host }, value) => (host.UTSMode = value),
  volume: ({ host }, value, _, context) => (host.Binds = append(host.Binds, absoluteBind(value, context))),
  'volumes-from': ({ host }, value) => (host.VolumesFrom = append(host.VolumesFrom, value)),
  workdir: ({ config }, value) => (config.WorkingDir = value),
};

/** Flags of `docker run` without a value; `--flag=false` switches off. */
export const switchFlags: Readonly<Record<string, SwitchFlag>> = {
  detach: ignored,
  init: ({ host }, on) => (host.Init = on),
  // Its standard input stays open in any case; there is nobody at it.
  interactive: ignored,
  privileged: ({ host }, on) => (host.Privileged = on),
  'publish-all': ({ host }, on) => (host.PublishAllPorts = on),
  'read-only': ({ host }, on) => (host.ReadonlyRootfs = on),
  rm: ({ host }, on) => (host.AutoRemove = on),
  'sig-proxy': ignored,
  tty: ({ config }, on) => (config.Tty = on),
};

export const shortFlags: Readonly<Record<string, string>> = {
  c: 'cpu-shares',
  d: 'detach',
  e: 'env',
  h: 'hostname',
  i: 'interactive',
  l: 'label',
  m: 'memory',
  P: 'publish-all',
  p: 'publish',
  t: 'tty',
  u: 'user',
  v: 'volume',
  w: 'workdir',
};

/** Other names of the same flags. */
export const flagAliases: Readonly<Record<string, string>> = {
  net: 'network',
  'net-alias': 'network-alias',
  'dns-opt': 'dns-option',
};

const entry = (text: string): Record<string, string> => Object.fromEntries([keyAndValue(text)]);

const lines = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'));

function device(value: string): Device {
  const [onHost = '', second, third] = value.split(':');
  const secondIsPermissions = second !== undefined && third === undefined && /^[rwm]+$/.test(second);
  return {
    PathOnHost: onHost,
    PathInContainer: second === undefined || secondIsPermissions ? onHost : second,
    CgroupPermissions: (secondIsPermissions ? second : third) ?? 'rwm',
  };
}

function ulimit(value: string, flag: string): Ulimit {
  const [name, limits] = keyAndValue(value);
  const [soft = '', hard = soft] = limits.split(':');
  return { Name: name, Soft: parseInteger(soft, flag), Hard: parseInteger(hard, flag) };
}

function gpus(value: string, flag: string): DeviceRequest {
  const request: DeviceRequest = { Capabilities: [['gpu']] };
  for (const field of commaFields(value)) {
    const [key, text] = keyAndValue(field);
    if (!field.includes('=')) request.Count = key === 'all' ? -1 : parseInteger(key, flag);
    else if (key === 'count') request.Count = text === 'all' ? -1 : parseInteger(text, flag);
    else if (key === 'device') request.DeviceIDs = text.split(',');
    else if (key === 'driver') request.Driver = text;
    else if (key === 'capabilities')
      request.Capabilities = [['gpu', ...text.split(',').filter((name) => name !== 'gpu')]];
  }
  if (request.DeviceIDs === undefined && request.Count === undefined) request.Count = -1;
  return request;
}
