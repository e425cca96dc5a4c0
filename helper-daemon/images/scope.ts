/** Who sees an image or a name of it (security.md). */
import type { Caller } from '../api/services';

/** A uid, or `everybody`. */
export type Scope = number;
export const everybody: Scope = -1;

/** Whose names a caller may use, their own first: nobody can slip another image under a name that a user has given. */
export const scopesOf = (caller: Caller): readonly Scope[] => [caller.uid, everybody];

export const sees = (caller: Caller, grants: readonly Scope[]): boolean =>
  caller.admin || grants.some((scope) => scope === caller.uid || scope === everybody);

/**
 * Where a pulled image's names go. Without credentials: to everybody; but what a confined caller got over plain HTTP from a port of this
 * machine is theirs alone, since any user can open a port and answer there, and everybody's names must not be such a user's to choose.
 */
export function pullScope(caller: Caller, withCredentials: boolean, plain: boolean): Scope {
  return withCredentials || (plain && !caller.admin) ? caller.uid : everybody;
}

/** What an administrator imports or loads is for everybody, what anybody else does is their own. */
export const importScope = (caller: Caller): Scope => (caller.admin ? everybody : caller.uid);

/** A tag on an image that not everybody sees must not tell them of it. */
export const tagScope = (caller: Caller, grants: readonly Scope[]): Scope =>
  caller.admin && grants.includes(everybody) ? everybody : caller.uid;
