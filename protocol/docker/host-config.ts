import { z } from 'zod';
import { mount } from './mount';
import { bool, int, optional, request, stringMap, words } from './request-schema';

/** A published port's host side; `HostPort` "" and "0" mean one that is free. */
export const portBinding = request({
  HostIp: optional(z.string()),
  HostPort: optional(
    z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string()),
  ),
});
export type PortBinding = z.output<typeof portBinding>;

const nothingAsList = (value: unknown): unknown => value ?? [];

/** `{"80/tcp": [{…}]}`; a null list reads as an empty one. */
export const portMap = z.record(z.string(), z.preprocess(nothingAsList, z.array(portBinding)));
export type PortMap = z.output<typeof portMap>;

export const restartPolicy = request({ Name: optional(z.string()), MaximumRetryCount: optional(int) });
export type RestartPolicy = z.output<typeof restartPolicy>;

export const ulimit = request({ Name: z.string(), Soft: optional(int), Hard: optional(int) });
export type Ulimit = z.output<typeof ulimit>;

export const device = request({
  PathOnHost: optional(z.string()),
  PathInContainer: optional(z.string()),
  CgroupPermissions: optional(z.string()),
});
export type Device = z.output<typeof device>;

export const deviceRequest = request({
  Driver: optional(z.string()),
  Count: optional(int),
  DeviceIDs: optional(words),
  Capabilities: optional(z.array(z.array(z.string()))),
  Options: optional(stringMap),
});
export type DeviceRequest = z.output<typeof deviceRequest>;

const weightDevice = request({ Path: optional(z.string()), Weight: optional(int) });
const throttleDevice = request({ Path: optional(z.string()), Rate: optional(int) });

/** Limits. Bytes, CPU shares, microseconds (periods, quotas), 10⁻⁹ CPUs. Also the body of an update. */
export const resourcesShape = {
  CpuShares: optional(int),
  Memory: optional(int),
  NanoCpus: optional(int),
  CgroupParent: optional(z.string()),
  BlkioWeight: optional(int),
  BlkioWeightDevice: optional(z.array(weightDevice)),
  BlkioDeviceReadBps: optional(z.array(throttleDevice)),
  BlkioDeviceWriteBps: optional(z.array(throttleDevice)),
  BlkioDeviceReadIOps: optional(z.array(throttleDevice)),
  BlkioDeviceWriteIOps: optional(z.array(throttleDevice)),
  CpuPeriod: optional(int),
  CpuQuota: optional(int),
  CpuRealtimePeriod: optional(int),
  CpuRealtimeRuntime: optional(int),
  CpusetCpus: optional(z.string()),
  CpusetMems: optional(z.string()),
  Devices: optional(z.array(device)),
  DeviceCgroupRules: optional(words),
  DeviceRequests: optional(z.array(deviceRequest)),
  KernelMemory: optional(int),
  KernelMemoryTCP: optional(int),
  MemoryReservation: optional(int),
  /** Memory and swap together; -1 = unlimited swap. */
  MemorySwap: optional(int),
  /** -1 = unset. */
  MemorySwappiness: optional(int),
  OomKillDisable: optional(bool),
  /** 0 and -1 = unlimited. */
  PidsLimit: optional(int),
  Ulimits: optional(z.array(ulimit)),
  CpuCount: optional(int),
  CpuPercent: optional(int),
  IOMaximumIOps: optional(int),
  IOMaximumBandwidth: optional(int),
} as const;

/** How it runs on this host: every field of API 1.51, and the retired ones that old clients still send. */
export const hostConfigShape = {
  ...resourcesShape,
  Binds: optional(words),
  ContainerIDFile: optional(z.string()),
  LogConfig: optional(request({ Type: optional(z.string()), Config: optional(stringMap) })),
  NetworkMode: optional(z.string()),
  PortBindings: optional(portMap),
  RestartPolicy: optional(restartPolicy),
  AutoRemove: optional(bool),
  VolumeDriver: optional(z.string()),
  VolumesFrom: optional(words),
  Mounts: optional(z.array(mount)),
  /** [height, width] */
  ConsoleSize: optional(z.tuple([int, int])),
  Annotations: optional(stringMap),
  CapAdd: optional(words),
  CapDrop: optional(words),
  CgroupnsMode: optional(z.string()),
  Dns: optional(words),
  DnsOptions: optional(words),
  DnsSearch: optional(words),
  ExtraHosts: optional(words),
  GroupAdd: optional(z.preprocess((value) => (Array.isArray(value) ? value.map(String) : value), words)),
  IpcMode: optional(z.string()),
  Cgroup: optional(z.string()),
  Links: optional(words),
  OomScoreAdj: optional(int),
  PidMode: optional(z.string()),
  Privileged: optional(bool),
  PublishAllPorts: optional(bool),
  ReadonlyRootfs: optional(bool),
  SecurityOpt: optional(words),
  StorageOpt: optional(stringMap),
  Tmpfs: optional(stringMap),
  UTSMode: optional(z.string()),
  UsernsMode: optional(z.string()),
  ShmSize: optional(int),
  Sysctls: optional(stringMap),
  Runtime: optional(z.string()),
  Isolation: optional(z.string()),
  /** Absent = the default list; [] = none masked, which is not the same. */
  MaskedPaths: optional(words),
  ReadonlyPaths: optional(words),
  Init: optional(bool),
} as const;

export const hostConfig = request(hostConfigShape);
export type HostConfig = z.output<typeof hostConfig>;

/** `POST /containers/{id}/update`. Zero and absent mean unchanged. */
export const containerUpdate = request({ ...resourcesShape, RestartPolicy: optional(restartPolicy) });
export type ContainerUpdate = z.output<typeof containerUpdate>;
