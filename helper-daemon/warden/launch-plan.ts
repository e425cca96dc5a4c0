/** The launch plan of PROTOCOL.md: everything that the warden needs to make a container's first process. */
import { Writer } from './codec';

export const launchFlag = {
  tty: 1,
  openStdin: 2,
  stdinOnce: 4,
  readonlyRoot: 8,
  noNewPrivileges: 16,
  init: 32,
  privileged: 64,
  userNamespace: 128,
} as const;

export const mountFlag = {
  readonly: 1,
  recursive: 2,
  nosuid: 4,
  nodev: 8,
  noexec: 16,
  createSource: 32,
  copyUp: 64,
} as const;
export const mountType = { bind: 0, volume: 1, tmpfs: 2 } as const;
export const ownership = { container: 0, developer: 1 } as const;
export const namespaceMode = { own: 0, host: 1 } as const;
export const networkMode = { interface: 0, loopback: 1, host: 2 } as const;
export const protocolNumber = { tcp: 6, udp: 17 } as const;

/** Whose rights are used when a path of the host is opened. */
export interface BindCaller {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly admin: boolean;
}

export interface PlanMount {
  readonly type: number;
  readonly source: string;
  readonly target: string;
  readonly flags: number;
  readonly ownership: number;
  readonly tmpfsSize: number;
  readonly tmpfsMode: number;
}

/** 0 = unset, -1 = unlimited; bytes and microseconds. */
export interface Resources {
  readonly memory: number;
  readonly memorySwap: number;
  readonly memoryReservation: number;
  readonly cpuShares: number;
  readonly cpuPeriod: number;
  readonly cpuQuota: number;
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
  readonly pids: number;
}

export interface PlanPort {
  readonly protocol: number;
  readonly hostIp: string;
  /** 0 = any free one. */
  readonly hostPort: number;
  readonly containerPort: number;
}

export interface LaunchPlan {
  readonly id: string;
  readonly containerDir: string;
  readonly monitorSocket: string;
  readonly flags: number;
  readonly idBase: number;
  readonly idSize: number;
  /** Top first. */
  readonly layers: readonly string[];
  readonly hostname: string;
  readonly domainname: string;
  readonly pidMode: number;
  readonly ipcMode: number;
  readonly utsMode: number;
  readonly cgroupMode: number;
  readonly netMode: number;
  readonly bridge: string;
  readonly ip: string;
  readonly prefix: number;
  readonly gateway: string;
  readonly mac: string;
  readonly ports: readonly PlanPort[];
  readonly dnsServers: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly namesFile: string;
  readonly extraHosts: readonly { readonly ip: string; readonly name: string }[];
  readonly mounts: readonly PlanMount[];
  readonly caller: BindCaller;
  readonly bindUser: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
  readonly additionalGroups: readonly string[];
  readonly consoleHeight: number;
  readonly consoleWidth: number;
  readonly capabilities: bigint;
  readonly rlimits: readonly { readonly resource: number; readonly soft: bigint; readonly hard: bigint }[];
  readonly oomScoreAdj: number;
  readonly umask: number;
  readonly seccomp: Uint8Array;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly sysctls: readonly { readonly key: string; readonly value: string }[];
  readonly devices: readonly {
    readonly hostPath: string;
    readonly containerPath: string;
    readonly permissions: string;
  }[];
  readonly resources: Resources;
  readonly cgroupPath: string;
  readonly shmSize: number;
  readonly logMaxSize: number;
  readonly logMaxFiles: number;
  readonly stopGraceMs: number;
}

export function writeCaller(out: Writer, caller: BindCaller): void {
  out.u32(caller.uid).u32(caller.gid);
  out.list(caller.groups, (group) => out.u32(group)).bool(caller.admin);
}

export function writeResources(out: Writer, resources: Resources): void {
  out.i64(resources.memory).i64(resources.memorySwap).i64(resources.memoryReservation);
  out.u64(resources.cpuShares).u64(resources.cpuPeriod).i64(resources.cpuQuota);
  out.str(resources.cpusetCpus).str(resources.cpusetMems).i64(resources.pids);
}

function writeMount(out: Writer, mount: PlanMount): void {
  out.u8(mount.type).str(mount.source).str(mount.target).u32(mount.flags).u8(mount.ownership);
  out.u64(mount.tmpfsSize).u32(mount.tmpfsMode);
}

/** The fields in PROTOCOL.md's order. */
export function encodePlan(plan: LaunchPlan): Buffer {
  const out = new Writer();
  out.str(plan.id).str(plan.containerDir).str(plan.monitorSocket);
  out.u32(plan.flags).u32(plan.idBase).u32(plan.idSize).strs(plan.layers);
  out.str(plan.hostname).str(plan.domainname);
  out.u8(plan.pidMode).u8(plan.ipcMode).u8(plan.utsMode).u8(plan.cgroupMode);
  out.u8(plan.netMode).str(plan.bridge).str(plan.ip).u8(plan.prefix).str(plan.gateway).str(plan.mac);
  out.list(plan.ports, (port) =>
    out.u8(port.protocol).str(port.hostIp).u16(port.hostPort).u16(port.containerPort),
  );
  out.strs(plan.dnsServers).strs(plan.dnsSearch).strs(plan.dnsOptions).str(plan.namesFile);
  out.list(plan.extraHosts, (host) => out.str(host.ip).str(host.name));
  out.list(plan.mounts, (mount) => {
    writeMount(out, mount);
  });
  writeCaller(out, plan.caller);
  out.str(plan.bindUser);
  out.strs(plan.args).strs(plan.env).str(plan.cwd).str(plan.user).strs(plan.additionalGroups);
  out.u16(plan.consoleHeight).u16(plan.consoleWidth);
  out.u64(plan.capabilities);
  out.list(plan.rlimits, (limit) => out.u32(limit.resource).u64(limit.soft).u64(limit.hard));
  out.i32(plan.oomScoreAdj).u32(plan.umask);
  out.str(plan.seccomp).strs(plan.maskedPaths).strs(plan.readonlyPaths);
  out.list(plan.sysctls, (sysctl) => out.str(sysctl.key).str(sysctl.value));
  out.list(plan.devices, (device) =>
    out.str(device.hostPath).str(device.containerPath).str(device.permissions),
  );
  writeResources(out, plan.resources);
  out.str(plan.cgroupPath).u64(plan.shmSize).u64(plan.logMaxSize).u32(plan.logMaxFiles).u64(plan.stopGraceMs);
  return out.take();
}
