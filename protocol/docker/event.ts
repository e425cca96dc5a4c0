import { z } from 'zod';

/** One line of `GET /events`. `status`, `id` and `from` repeat the newer fields for old clients. */
export const eventMessage = z.object({
  status: z.string().optional(),
  id: z.string().optional(),
  from: z.string().optional(),
  /** `container`, `image`, `network`, `volume`, … */
  Type: z.string(),
  /** `create`, `start`, `die`, `exec_create: sh -c …`, … */
  Action: z.string(),
  /** For a container: `image`, `name` (no slash) and all its labels. */
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
  scope: z.enum(['local', 'swarm']),
  /** Unix seconds. */
  time: z.int(),
  /** Unix nanoseconds; beyond 2^53, so the last digits are rounded in JavaScript. */
  timeNano: z.number(),
});
export type EventMessage = z.output<typeof eventMessage>;
