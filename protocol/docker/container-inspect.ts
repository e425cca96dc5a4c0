import { z } from 'zod';
import { containerConfigShape } from './container-config';
import { endpointSettings } from './endpoint-settings';
import { hostConfigShape } from './host-config';
import { mountPoint } from './mount';

export const containerStatus = z.enum([
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
]);
export type ContainerStatus = z.output<typeof containerStatus>;

/** Times are RFC 3339 with nanoseconds; never = `0001-01-01T00:00:00Z`. */
export const containerState = z.object({
  Status: containerStatus,
  Running: z.boolean(),
  Paused: z.boolean(),
  Restarting: z.boolean(),
  OOMKilled: z.boolean(),
  Dead: z.boolean(),
  /** Of the container's first process, on the host; 0 when it does not run. */
  Pid: z.int(),
  ExitCode: z.int(),
  Error: z.string(),
  StartedAt: z.string(),
  FinishedAt: z.string(),
  Health: z
    .object({
      Status: z.enum(['none', 'starting', 'healthy', 'unhealthy']),
      FailingStreak: z.int(),
      Log: z
        .array(z.object({ Start: z.string(), End: z.string(), ExitCode: z.int(), Output: z.string() }))
        .nullable(),
    })
    .optional(),
});
export type ContainerState = z.output<typeof containerState>;

/** `{"80/tcp": [{HostIp, HostPort}]}`, null for a port that is exposed and not published. */
export const publishedPorts = z.record(
  z.string(),
  z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable(),
);
export type PublishedPorts = z.output<typeof publishedPorts>;

/** The fields besides `Networks` and `Ports` mirror the endpoint on the default bridge; API 1.52 drops them. */
export const networkSettings = z.object({
  Bridge: z.string(),
  SandboxID: z.string(),
  SandboxKey: z.string(),
  Ports: publishedPorts,
  HairpinMode: z.boolean(),
  LinkLocalIPv6Address: z.string(),
  LinkLocalIPv6PrefixLen: z.int(),
  SecondaryIPAddresses: z.null(),
  SecondaryIPv6Addresses: z.null(),
  EndpointID: z.string(),
  Gateway: z.string(),
  GlobalIPv6Address: z.string(),
  GlobalIPv6PrefixLen: z.int(),
  IPAddress: z.string(),
  IPPrefixLen: z.int(),
  IPv6Gateway: z.string(),
  MacAddress: z.string(),
  Networks: z.record(z.string(), endpointSettings),
});
export type NetworkSettings = z.output<typeof networkSettings>;

/** `GET /containers/{id}/json`. The docker CLI crashes without State, Config, HostConfig or NetworkSettings. */
export const containerInspect = z.object({
  Id: z.string(),
  Created: z.string(),
  Path: z.string(),
  Args: z.array(z.string()),
  State: containerState,
  /** The image's id, `sha256:…`; its name is in `Config.Image`. */
  Image: z.string(),
  ResolvConfPath: z.string(),
  HostnamePath: z.string(),
  HostsPath: z.string(),
  LogPath: z.string(),
  /** With a leading slash. */
  Name: z.string(),
  RestartCount: z.int(),
  Driver: z.string(),
  Platform: z.string(),
  MountLabel: z.string(),
  ProcessLabel: z.string(),
  AppArmorProfile: z.string(),
  ExecIDs: z.array(z.string()).nullable(),
  HostConfig: z.object(hostConfigShape),
  GraphDriver: z.object({ Name: z.string(), Data: z.record(z.string(), z.string()).nullable() }),
  Mounts: z.array(mountPoint),
  Config: z.object(containerConfigShape),
  NetworkSettings: networkSettings,
  SizeRw: z.int().optional(),
  SizeRootFs: z.int().optional(),
});
export type ContainerInspect = z.output<typeof containerInspect>;
