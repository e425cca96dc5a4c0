/** Files that other container users made in the developer's directories are given to the developer (architecture.md, decision 7). */
import type { IdRanges } from '../policy/id-ranges';
import type { Warden } from '../warden/verbs';
import type { Container } from './container';
import { isDeveloperMapped } from './plan-compiler';

/** @returns how many files changed hands */
export async function ownBinds(container: Container, warden: Warden, ranges: IdRanges): Promise<number> {
  const { record } = container;
  if (!isDeveloperMapped(record)) return 0;
  const range = ranges.of(record.ownerUid);
  let changed = 0;
  for (const mount of record.mounts) {
    if (mount.type !== 'bind' || mount.readonly) continue;
    const owner = record.caller.admin
      ? await warden.checkBind(record.caller, mount.source, false)
      : record.caller;
    changed += await warden.ownTree(record.caller, mount.source, range, { uid: owner.uid, gid: owner.gid });
  }
  return changed;
}
