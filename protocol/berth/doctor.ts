import { z } from 'zod';

/** One check: what was looked at, and, when it is not well, why and what to do. */
export const doctorCheck = z.object({
  name: z.string(),
  ok: z.boolean(),
  what: z.string(),
  why: z.string().optional(),
  next: z.string().optional(),
});
export type DoctorCheck = z.output<typeof doctorCheck>;

/** `GET /berth/v1/doctor` */
export const doctorReport = z.object({ checks: z.array(doctorCheck) });
export type DoctorReport = z.output<typeof doctorReport>;
