/** Whose objects a caller sees: their own; administrators see everybody's. What is not seen does not exist for them (404, never 403). */
import type { Caller } from '../api/services';

export function maySee(caller: Pick<Caller, 'uid' | 'admin'>, ownerUid: number): boolean {
  return caller.admin || caller.uid === ownerUid;
}

/** The caller's own first, so that a name means their own object even where another user has one of that name. */
export function ownFirst<T>(
  caller: Pick<Caller, 'uid'>,
  objects: readonly T[],
  ownerOf: (object: T) => number,
): T | undefined {
  return objects.find((object) => ownerOf(object) === caller.uid) ?? objects[0];
}
