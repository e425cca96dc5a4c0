import { z } from 'zod';

/** The body of every answer that is not a success. */
export const errorBody = z.object({ message: z.string() });
export type ErrorBody = z.output<typeof errorBody>;
