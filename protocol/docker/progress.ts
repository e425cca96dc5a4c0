import { z } from 'zod';

/** One line of a pull, push, build, load or import. A failure is the last line: `errorDetail` and `error`. */
export const progressLine = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  /** A drawn bar, for clients that draw none themselves. */
  progress: z.string().optional(),
  progressDetail: z
    .object({
      current: z.number().optional(),
      total: z.number().optional(),
      start: z.number().optional(),
      units: z.string().optional(),
      hidecounts: z.boolean().optional(),
    })
    .optional(),
  stream: z.string().optional(),
  aux: z.unknown().optional(),
  error: z.string().optional(),
  errorDetail: z.object({ code: z.int().optional(), message: z.string() }).optional(),
});
export type ProgressLine = z.output<typeof progressLine>;
