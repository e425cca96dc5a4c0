import { z } from 'zod';
import { healthcheck } from './container-config';

const strings = z.array(z.string());

/** The run-time part of an OCI image configuration. */
export const imageConfig = z.object({
  User: z.string().optional(),
  ExposedPorts: z.record(z.string(), z.object({})).nullish(),
  Env: strings.nullish(),
  Entrypoint: strings.nullish(),
  Cmd: strings.nullish(),
  Volumes: z.record(z.string(), z.object({})).nullish(),
  WorkingDir: z.string().optional(),
  Labels: z.record(z.string(), z.string()).nullish(),
  StopSignal: z.string().optional(),
  ArgsEscaped: z.boolean().optional(),
  Healthcheck: healthcheck.nullish(),
  OnBuild: strings.nullish(),
  Shell: strings.nullish(),
});
export type ImageConfig = z.output<typeof imageConfig>;

/** One entry of `GET /images/json`. */
export const imageSummary = z.object({
  /** `sha256:…` of the configuration. */
  Id: z.string(),
  ParentId: z.string(),
  RepoTags: strings,
  RepoDigests: strings,
  /** Unix seconds. */
  Created: z.int(),
  /** Bytes, all layers unpacked. */
  Size: z.number(),
  /** -1 = not computed. */
  SharedSize: z.number(),
  /** How many containers use it; -1 = not computed. */
  Containers: z.number(),
  Labels: z.record(z.string(), z.string()).nullable(),
});
export type ImageSummary = z.output<typeof imageSummary>;

/** `GET /images/{name}/json` */
export const imageInspect = z.object({
  Id: z.string(),
  RepoTags: strings,
  RepoDigests: strings,
  Parent: z.string(),
  Comment: z.string(),
  Created: z.string().optional(),
  DockerVersion: z.string(),
  Author: z.string(),
  Config: imageConfig,
  Architecture: z.string(),
  Variant: z.string().optional(),
  Os: z.string(),
  OsVersion: z.string().optional(),
  Size: z.number(),
  GraphDriver: z.object({ Name: z.string(), Data: z.record(z.string(), z.string()).nullable() }),
  RootFS: z.object({ Type: z.string(), Layers: strings.optional() }),
  Metadata: z.object({ LastTagTime: z.string() }),
});
export type ImageInspect = z.output<typeof imageInspect>;

/** One entry of `GET /images/{name}/history`, newest first. `Id` is `<missing>` for all but the image itself. */
export const imageHistory = z.object({
  Id: z.string(),
  Created: z.int(),
  CreatedBy: z.string(),
  Tags: strings.nullable(),
  Size: z.number(),
  Comment: z.string(),
});
export type ImageHistory = z.output<typeof imageHistory>;

/** One entry of the answer to `DELETE /images/{name}`. */
export const imageDeleted = z.object({ Untagged: z.string().optional(), Deleted: z.string().optional() });
export type ImageDeleted = z.output<typeof imageDeleted>;
