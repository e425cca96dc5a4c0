/** Files that other container users made in the developer's directories are given to the developer (architecture.md, decision 7). */
import type { Log } from '../log';
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

/** The end of a container does not wait for a directory that is gone, or on a full disk. */
export async function ownBindsAtEnd(
  container: Container,
  warden: Warden,
  ranges: IdRanges,
  log: Log,
): Promise<void> {
  try {
    await ownBinds(container, warden, ranges);
  } catch (error) {
    log.warn('Files that a container made could not be given to the developer; `berth own` tries again.', {
      id: container.id,
      error: String(error),
    });
  }
}
