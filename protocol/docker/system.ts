import { z } from 'zod';
import { containerSummary } from './container-summary';
import { imageSummary } from './image';
import { volumeInspect } from './volume';

/** `GET /version` */
export const version = z.object({
  Platform: z.object({ Name: z.string() }),
  Components: z.array(
    z.object({ Name: z.string(), Version: z.string(), Details: z.record(z.string(), z.string()).optional() }),
  ),
  Version: z.string(),
  ApiVersion: z.string(),
  MinAPIVersion: z.string(),
  GitCommit: z.string(),
  GoVersion: z.string(),
  Os: z.string(),
  Arch: z.string(),
  KernelVersion: z.string(),
  BuildTime: z.string(),
  Experimental: z.boolean().optional(),
});
export type Version = z.output<typeof version>;

const strings = z.array(z.string());

/** `GET /info` */
export const info = z.object({
  ID: z.string(),
  Containers: z.int(),
  ContainersRunning: z.int(),
  ContainersPaused: z.int(),
  ContainersStopped: z.int(),
  Images: z.int(),
  Driver: z.string(),
  DriverStatus: z.array(z.tuple([z.string(), z.string()])),
  Plugins: z.object({
    Volume: strings,
    Network: strings,
    Authorization: strings.nullable(),
    Log: strings,
  }),
  MemoryLimit: z.boolean(),
  SwapLimit: z.boolean(),
  KernelMemoryTCP: z.boolean().optional(),
  CpuCfsPeriod: z.boolean(),
  CpuCfsQuota: z.boolean(),
  CPUShares: z.boolean(),
  CPUSet: z.boolean(),
  PidsLimit: z.boolean(),
  IPv4Forwarding: z.boolean(),
  BridgeNfIptables: z.boolean().optional(),
  BridgeNfIp6tables: z.boolean().optional(),
  Debug: z.boolean(),
  NFd: z.int(),
  OomKillDisable: z.boolean(),
  NGoroutines: z.int(),
  SystemTime: z.string(),
  LoggingDriver: z.string(),
  CgroupDriver: z.string(),
  CgroupVersion: z.string(),
  NEventsListener: z.int(),
  KernelVersion: z.string(),
  OperatingSystem: z.string(),
  OSVersion: z.string(),
  OSType: z.string(),
  Architecture: z.string(),
  IndexServerAddress: z.string(),
  RegistryConfig: z.object({
    InsecureRegistryCIDRs: strings,
    IndexConfigs: z.record(
      z.string(),
      z.object({ Name: z.string(), Mirrors: strings, Secure: z.boolean(), Official: z.boolean() }),
    ),
    Mirrors: strings.nullable(),
  }),
  NCPU: z.int(),
  MemTotal: z.number(),
  GenericResources: z.null(),
  DockerRootDir: z.string(),
  HttpProxy: z.string(),
  HttpsProxy: z.string(),
  NoProxy: z.string(),
  Name: z.string(),
  Labels: strings,
  ExperimentalBuild: z.boolean(),
  ServerVersion: z.string(),
  Runtimes: z.record(z.string(), z.object({ path: z.string() })),
  DefaultRuntime: z.string(),
  Swarm: z.object({
    NodeID: z.string(),
    NodeAddr: z.string(),
    LocalNodeState: z.string(),
    ControlAvailable: z.boolean(),
    Error: z.string(),
    RemoteManagers: z.null(),
  }),
  LiveRestoreEnabled: z.boolean(),
  Isolation: z.string(),
  InitBinary: z.string(),
  ContainerdCommit: z.object({ ID: z.string() }).optional(),
  RuncCommit: z.object({ ID: z.string() }).optional(),
  InitCommit: z.object({ ID: z.string() }).optional(),
  SecurityOptions: strings,
  CDISpecDirs: strings.nullable(),
  Warnings: strings.nullable(),
});
export type Info = z.output<typeof info>;

/** `GET /system/df`. Kinds that were not asked for are absent. */
export const diskUsage = z.object({
  LayersSize: z.number().optional(),
  Images: z.array(imageSummary).nullish(),
  Containers: z.array(containerSummary).nullish(),
  Volumes: z.array(volumeInspect).nullish(),
  BuildCache: z.array(z.unknown()).nullish(),
});
export type DiskUsage = z.output<typeof diskUsage>;
