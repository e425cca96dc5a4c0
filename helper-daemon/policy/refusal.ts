/** The two ways of saying no, worded once. */
import type { Caller } from '../api/services';
import { EngineError } from '../error';

/**
 * A confined caller asked for what only administrators may have. The words "permission denied" are avoided: from those the docker CLI concludes
 * that the command was found and could not be executed, and exits with 126.
 */
export function refused(
  caller: Pick<Caller, 'uid'>,
  code: string,
  what: string,
  why: string,
  next?: string,
): EngineError {
  const advice =
    next ??
    'Do without it, or ask an administrator of this machine (a member of the group berth-admin) to run it.';
  return new EngineError(
    403,
    `policy-${code}`,
    `refused by the helper's policy: ${what} is not allowed for uid ${caller.uid}, because ${why}. ${advice}`,
  );
}

/** Nobody can have it: Berth does not do it, and ignoring it would change what the user asked for. */
export function unsupported(option: string, why: string): EngineError {
  return new EngineError(400, 'unsupported-option', `invalid option ${option}: ${why}. Leave it out.`);
}
