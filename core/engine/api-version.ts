import type { EngineUnavailableError } from '../error';
import { tooOld } from './answer-error';
import type { Transport } from './transport';

/** The version of the Docker Engine API that this client speaks; the helper serves it or is too old. */
export const apiVersion = '1.51';

/** -1, 0 or 1 for versions of the form 1.51. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return Math.sign(majorA - majorB || minorA - minorB);
}

/** What an older helper is told apart by, before an answer of its is read in today's shape. */
export function refusalOf(served: string, transport: Transport): EngineUnavailableError | undefined {
  if (served === '' || compareVersions(served, apiVersion) >= 0) return undefined;
  return tooOld(transport, `It serves API ${served}, this client needs ${apiVersion}.`);
}
