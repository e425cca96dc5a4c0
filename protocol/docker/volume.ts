import { z } from 'zod';
import { optional, request, stringMap } from './request-schema';

/** `POST /volumes/create` */
export const volumeCreate = request({
  Name: optional(z.string()),
  Driver: optional(z.string()),
  DriverOpts: optional(stringMap),
  Labels: optional(stringMap),
  ClusterVolumeSpec: optional(request({})),
});
export type VolumeCreate = z.output<typeof volumeCreate>;

/** `GET /volumes/{name}` */
export const volumeInspect = z.object({
  Name: z.string(),
  Driver: z.string(),
  Mountpoint: z.string(),
  CreatedAt: z.string().optional(),
  Status: z.record(z.string(), z.unknown()).optional(),
  Labels: z.record(z.string(), z.string()).nullable(),
  Scope: z.string(),
  Options: z.record(z.string(), z.string()).nullable(),
  /** -1 = not computed. Only in `/system/df`. */
  UsageData: z.object({ Size: z.number(), RefCount: z.number() }).nullish(),
});
export type VolumeInspect = z.output<typeof volumeInspect>;

/** `GET /volumes` */
export const volumeList = z.object({
  Volumes: z.array(volumeInspect).nullable(),
  Warnings: z.array(z.string()).nullable(),
});
export type VolumeList = z.output<typeof volumeList>;
