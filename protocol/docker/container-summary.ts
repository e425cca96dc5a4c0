import { z } from 'zod';
import { endpointSettings } from './endpoint-settings';
import { mountPoint } from './mount';

export const portSummary = z.object({
  IP: z.string().optional(),
  PrivatePort: z.int(),
  PublicPort: z.int().optional(),
  Type: z.string(),
});
export type PortSummary = z.output<typeof portSummary>;

/** One entry of `GET /containers/json`. */
export const containerSummary = z.object({
  Id: z.string(),
  /** With a leading slash. */
  Names: z.array(z.string()),
  Image: z.string(),
  ImageID: z.string(),
  Command: z.string(),
  /** Unix seconds. */
  Created: z.int(),
  Ports: z.array(portSummary),
  SizeRw: z.int().optional(),
  SizeRootFs: z.int().optional(),
  Labels: z.record(z.string(), z.string()),
  State: z.string(),
  /** For people: `Up 3 minutes`, `Exited (0) 2 hours ago`. */
  Status: z.string(),
  HostConfig: z.object({
    NetworkMode: z.string().optional(),
    Annotations: z.record(z.string(), z.string()).optional(),
  }),
  NetworkSettings: z.object({ Networks: z.record(z.string(), endpointSettings) }),
  Mounts: z.array(mountPoint),
});
export type ContainerSummary = z.output<typeof containerSummary>;

/** `GET /containers/{id}/top` */
export const containerTop = z.object({
  Titles: z.array(z.string()),
  Processes: z.array(z.array(z.string())),
});
export type ContainerTop = z.output<typeof containerTop>;
