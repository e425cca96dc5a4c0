import { z } from 'zod';
import { int, optional, request } from '../docker/request-schema';

const protocol = z.enum(['tcp', 'udp']);
const port = int.pipe(z.int().min(0).max(65_535));

/** `POST /berth/v1/containers/{id}/ports`. `HostPort` 0 = one that is free; `HostIp` absent = 127.0.0.1. */
export const publishRequest = request({
  Proto: optional(protocol),
  HostIp: optional(z.string()),
  HostPort: port,
  ContainerPort: port.pipe(z.int().min(1)),
});
export type PublishRequest = z.output<typeof publishRequest>;

/** A port that is published; also the body of `DELETE /berth/v1/containers/{id}/ports`. */
export const publishedPort = request({
  Proto: protocol,
  HostIp: z.string(),
  HostPort: port,
  ContainerPort: port,
});
export type PublishedPort = z.output<typeof publishedPort>;
