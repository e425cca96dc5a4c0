import { z } from 'zod';

/** `GET /berth/v1/policy`: whom the helper takes the caller for, and what that means. */
export const policyReport = z.object({
  Uid: z.int(),
  Gid: z.int(),
  /** Administrators may do everything that the API offers; everybody else is confined to what is their own. */
  Admin: z.boolean(),
});
export type PolicyReport = z.output<typeof policyReport>;
