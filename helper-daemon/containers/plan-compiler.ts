/** Compiles a container's record into the warden's launch plan: every decision is taken here, none later. */
import { hostname, availableParallelism } from 'node:os';
import type { HostConfig } from '../../protocol/docker';
import type { IdRange } from '../policy/id-ranges';
import { maskedPaths, readonlyPaths } from '../policy/system-paths';
import type { Endpoint, Network } from '../networks/network-store';
import {
  launchFlag,
  mountFlag,
  mountType,
  namespaceMode,
  networkMode,
  ownership,
} from '../warden/launch-plan';
import type { LaunchPlan, PlanMount } from '../warden/launch-plan';
import { allCapabilities, capabilitiesOf, capabilityMask } from './capabilities';
import type { CapabilitySet } from './capabilities';
import type { ContainerRecord, RecordedMount } from './container-record';
import type { Instance } from './instance';
import { processEnvironment } from './merge-config';
import { extraHost, publishedPorts } from './port-spec';
import { resourcesOf, rlimitsOf, withinQuota } from './resource-limits';
import { defaultProfile } from './seccomp/default-profile';
import type { Architecture } from './seccomp/syscall-numbers';

/** An administrator's way to a developer-mapped bind; a confined caller's choice of the user inside (services.ts, `own`). */
export const bindUserAnnotation = 'berth.bind-user';

const defaultShmSize = 64 * 1024 * 1024;
const defaultStopSeconds = 10;
const umask = 0o022;

export interface PlanContext {
  readonly instance: Instance;
  readonly range: IdRange;
  /** Absent with `host` and `none`. */
  readonly network:
    { readonly network: Network; readonly endpoint: Endpoint; readonly namesFile: string } | undefined;
  readonly console: readonly [height: number, width: number];
  readonly log: { readonly maxSize: number; readonly maxFiles: number };
  readonly architecture: Architecture;
  /** Bounds the processes of a confined user's container that names no limit. */
  readonly maxProcesses: number;
}

/** Namespaces of the host cannot be entered from within a user namespace of the container's own. */
export function hasUserNamespace(host: HostConfig): boolean {
  const shared = [host.UsernsMode, host.PidMode, host.IpcMode, host.NetworkMode].includes('host');
  return !shared && host.Privileged !== true;
}

/** How the caller's binds are mapped: to the developer, or one to one (architecture.md, decision 7). */
export function isDeveloperMapped(record: ContainerRecord): boolean {
  return !record.caller.admin || record.hostConfig.Annotations?.[bindUserAnnotation] !== undefined;
}

export function capabilitiesFor(host: HostConfig): CapabilitySet {
  return host.Privileged === true ? allCapabilities : capabilitiesOf(host.CapAdd ?? [], host.CapDrop ?? []);
}

function securityOption(host: HostConfig, name: string): string | undefined {
  const option = host.SecurityOpt?.find(
    (each) => each === name || each.startsWith(`${name}=`) || each.startsWith(`${name}:`),
  );
  return option?.slice(name.length + 1);
}

export function hasNoNewPrivileges(host: HostConfig): boolean {
  const value = securityOption(host, 'no-new-privileges');
  return value !== undefined && value !== 'false';
}

function flagsOf(record: ContainerRecord): number {
  const { config, hostConfig: host } = record;
  const flags: readonly (readonly [boolean | undefined, number])[] = [
    [config.Tty, launchFlag.tty],
    [config.OpenStdin, launchFlag.openStdin],
    [config.StdinOnce, launchFlag.stdinOnce],
    [host.ReadonlyRootfs, launchFlag.readonlyRoot],
    [hasNoNewPrivileges(host), launchFlag.noNewPrivileges],
    [host.Init, launchFlag.init],
    [host.Privileged, launchFlag.privileged],
    [hasUserNamespace(host), launchFlag.userNamespace],
  ];
  return flags.reduce((sum, [on, bit]) => (on === true ? sum | bit : sum), 0);
}

function planMount(record: ContainerRecord, mount: RecordedMount): PlanMount {
  const confined = !record.caller.admin;
  const isBind = mount.type === 'bind';
  const bits: readonly (readonly [boolean, number])[] = [
    [mount.readonly, mountFlag.readonly],
    [isBind && mount.recursive, mountFlag.recursive],
    [mount.nosuid || (isBind && confined), mountFlag.nosuid],
    [mount.nodev || confined, mountFlag.nodev],
    [mount.noexec, mountFlag.noexec],
    [mount.copyUp, mountFlag.copyUp],
  ];
  return {
    type: mountType[mount.type],
    source: mount.source,
    target: mount.target,
    flags: bits.reduce((sum, [on, bit]) => (on ? sum | bit : sum), 0),
    ownership: isBind && isDeveloperMapped(record) ? ownership.developer : ownership.container,
    tmpfsSize: mount.tmpfsSize,
    tmpfsMode: mount.tmpfsMode,
  };
}

function networkFields(
  record: ContainerRecord,
  context: PlanContext,
): Pick<LaunchPlan, 'netMode' | 'bridge' | 'ip' | 'prefix' | 'gateway' | 'mac' | 'namesFile' | 'ports'> {
  const { network } = context;
  const none = { bridge: '', ip: '', prefix: 0, gateway: '', mac: '', namesFile: '', ports: [] };
  if (record.network === 'host') return { ...none, netMode: networkMode.host };
  const ports = publishedPorts(record.config, record.hostConfig);
  if (network === undefined) return { ...none, ports, netMode: networkMode.loopback };
  return {
    netMode: networkMode.interface,
    bridge: network.network.device,
    ip: network.endpoint.ip,
    prefix: network.network.prefix,
    gateway: network.network.gateway,
    mac: network.endpoint.mac,
    namesFile: network.namesFile,
    ports,
  };
}

const modeOf = (value: string | undefined) => (value === 'host' ? namespaceMode.host : namespaceMode.own);

function seccompOf(host: HostConfig, capabilities: CapabilitySet, architecture: Architecture): Uint8Array {
  if (host.Privileged === true || securityOption(host, 'seccomp') === 'unconfined') return new Uint8Array();
  return defaultProfile(architecture, capabilities);
}

/** @throws EngineError 400 for options that do not fit together */
export function compilePlan(record: ContainerRecord, context: PlanContext): LaunchPlan {
  const { config, hostConfig: host, id } = record;
  const { instance, range } = context;
  const capabilities = capabilitiesFor(host);
  const unmasked = host.Privileged === true || securityOption(host, 'systempaths') === 'unconfined';
  const hasLog = host.LogConfig?.Type !== 'none';
  return {
    id,
    containerDir: instance.containerDirectory(id),
    monitorSocket: instance.monitorSocket(id),
    flags: flagsOf(record),
    idBase: range.base,
    idSize: range.size,
    layers: [...record.layers].reverse(),
    hostname: host.UTSMode === 'host' || record.network === 'host' ? hostname() : (config.Hostname ?? ''),
    domainname: config.Domainname ?? '',
    pidMode: modeOf(host.PidMode),
    ipcMode: modeOf(host.IpcMode),
    utsMode: modeOf(host.UTSMode),
    cgroupMode: modeOf(host.CgroupnsMode),
    ...networkFields(record, context),
    dnsServers: host.Dns ?? [],
    dnsSearch: host.DnsSearch ?? [],
    dnsOptions: host.DnsOptions ?? [],
    extraHosts: (host.ExtraHosts ?? []).map((entry) =>
      extraHost(entry, context.network?.network.gateway ?? '127.0.0.1'),
    ),
    mounts: record.mounts.map((mount) => planMount(record, mount)),
    caller: record.caller,
    bindUser: host.Annotations?.[bindUserAnnotation] ?? '',
    args: record.args,
    env: processEnvironment(config),
    cwd: config.WorkingDir === undefined || config.WorkingDir === '' ? '/' : config.WorkingDir,
    user: config.User ?? '',
    additionalGroups: host.GroupAdd ?? [],
    consoleHeight: context.console[0],
    consoleWidth: context.console[1],
    capabilities: capabilityMask(capabilities),
    rlimits: rlimitsOf(host.Ulimits ?? []),
    oomScoreAdj: host.OomScoreAdj ?? 0,
    umask,
    seccomp: seccompOf(host, capabilities, context.architecture),
    maskedPaths: unmasked ? [] : (host.MaskedPaths ?? maskedPaths),
    readonlyPaths: unmasked ? [] : (host.ReadonlyPaths ?? readonlyPaths),
    sysctls: Object.entries(host.Sysctls ?? {}).map(([key, value]) => ({ key, value })),
    devices: (host.Devices ?? []).map((device) => ({
      hostPath: device.PathOnHost ?? '',
      containerPath: device.PathInContainer ?? device.PathOnHost ?? '',
      permissions: device.CgroupPermissions ?? 'rwm',
    })),
    resources: withinQuota(
      resourcesOf(host, availableParallelism()),
      record.caller.admin,
      context.maxProcesses,
    ),
    cgroupPath: instance.cgroupPath(id),
    shmSize: host.ShmSize === undefined || host.ShmSize === 0 ? defaultShmSize : host.ShmSize,
    logMaxSize: context.log.maxSize,
    logMaxFiles: hasLog ? context.log.maxFiles : 0,
    stopGraceMs: (config.StopTimeout ?? defaultStopSeconds) * 1000,
  };
}
