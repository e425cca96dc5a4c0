import { z } from 'zod';

/** `GET /berth/v1/containers/{id}/trace`: what happened from create to exec, in order, with the figures of this very run. */
export const containerTrace = z.object({
  Id: z.string(),
  Steps: z.array(z.object({ Name: z.string(), Detail: z.string(), Milliseconds: z.number() })),
});
export type ContainerTrace = z.output<typeof containerTrace>;
