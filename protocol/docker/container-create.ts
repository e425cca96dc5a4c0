import { z } from 'zod';
import { containerConfigShape } from './container-config';
import { networkingConfig } from './endpoint-settings';
import { hostConfig } from './host-config';
import { optional, request } from './request-schema';

/**
 * `POST /containers/create`. `name` and `platform` belong to the query; dockerode repeats them in the body, where they say nothing.
 */
export const containerCreate = request({
  ...containerConfigShape,
  HostConfig: optional(hostConfig),
  NetworkingConfig: optional(networkingConfig),
  name: optional(z.string()),
  platform: optional(z.string()),
});
export type ContainerCreate = z.output<typeof containerCreate>;

export const containerCreated = z.object({ Id: z.string(), Warnings: z.array(z.string()) });
export type ContainerCreated = z.output<typeof containerCreated>;

/** `Error` is null or absent when the wait itself went well. */
export const waitResponse = z.object({
  StatusCode: z.int(),
  Error: z.object({ Message: z.string() }).nullish(),
});
export type WaitResponse = z.output<typeof waitResponse>;
