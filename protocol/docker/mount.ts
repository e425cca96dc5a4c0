import { z } from 'zod';
import { bool, int, optional, request, stringMap } from './request-schema';

/** One entry of `HostConfig.Mounts` (`--mount`). */
export const mount = request({
  Type: z.enum(['bind', 'volume', 'tmpfs', 'image', 'npipe', 'cluster']),
  Source: optional(z.string()),
  Target: z.string(),
  ReadOnly: optional(bool),
  Consistency: optional(z.string()),
  BindOptions: optional(
    request({
      Propagation: optional(z.string()),
      NonRecursive: optional(bool),
      CreateMountpoint: optional(bool),
      ReadOnlyNonRecursive: optional(bool),
      ReadOnlyForceRecursive: optional(bool),
    }),
  ),
  VolumeOptions: optional(
    request({
      NoCopy: optional(bool),
      Labels: optional(stringMap),
      Subpath: optional(z.string()),
      DriverConfig: optional(request({ Name: optional(z.string()), Options: optional(stringMap) })),
    }),
  ),
  ImageOptions: optional(request({ Subpath: optional(z.string()) })),
  TmpfsOptions: optional(
    request({
      SizeBytes: optional(int),
      Mode: optional(int),
      Options: optional(z.array(z.array(z.string()))),
    }),
  ),
  ClusterOptions: optional(request({})),
});
export type Mount = z.output<typeof mount>;

/** One entry of an inspect's or a list's `Mounts`: what is really mounted. */
export const mountPoint = z.object({
  Type: z.string(),
  /** Volumes only. */
  Name: z.string().optional(),
  Source: z.string(),
  Destination: z.string(),
  Driver: z.string().optional(),
  Mode: z.string(),
  RW: z.boolean(),
  Propagation: z.string(),
});
export type MountPoint = z.output<typeof mountPoint>;
