/** `docker rmi`, with Docker's rules and words (moby daemon/images/image_delete.go), for the names that the caller may take away. */
import type * as wire from '../../protocol/docker';
import type { Caller } from '../api/services';
import { EngineError } from '../error';
import { chainIds } from '../storage/digest';
import type { Found, ImageCatalog } from './image-catalog';
import { digestText, tagText } from './image-catalog';
import type { DigestRow, TagRow } from './image-rows';
import { shortId } from './pull-progress';
import type { Scope } from './scope';

export interface ImageUser {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly running: boolean;
  readonly ownerUid: number;
}

/** @param scope who may hear of it */
export type Announce = (
  action: 'pull' | 'import' | 'tag' | 'untag' | 'delete',
  imageId: string,
  name: string,
  scope: Scope,
) => void;

export interface RemoveParts {
  readonly catalog: ImageCatalog;
  readonly imageInUse: (imageId: string) => readonly ImageUser[];
  readonly announce: Announce;
}

const conflict = (message: string) => new EngineError(409, 'image-in-use', `conflict: ${message}`);
/** Another user's container is none that the caller knows. */
const shown = (caller: Caller, { id, ownerUid }: ImageUser, state = '') =>
  caller.admin || ownerUid === caller.uid
    ? `${state}container ${id.slice(0, 12)}`
    : `a ${state}container of another user`;

/** @throws EngineError 404, 409 as Docker; 403 `not-owner` for a name that everybody uses and somebody else has brought */
export async function removeImage(
  parts: RemoveParts,
  caller: Caller,
  name: string,
  force: boolean,
): Promise<wire.ImageDeleted[]> {
  const { catalog } = parts;
  const found = catalog.find(caller, name);
  const { image } = found;
  const records: wire.ImageDeleted[] = [];
  // Whose it is comes first: who may not remove it learns nothing of who uses it.
  const row = found.tag ?? found.digest;
  if (row === undefined) judgeAllNames(catalog, caller, image.id);
  else judgeOwner(caller, row);
  const users = parts.imageInUse(image.id);
  const named = found.tag !== undefined || found.digest !== undefined;
  const single = new Set(catalog.tagsFor(caller, image.id).map(tagText)).size <= 1;
  if (named) {
    if (!force && single && users[0] !== undefined) {
      throw conflict(
        `unable to remove repository reference "${name}" (must force) - ${shown(caller, users[0])} is using its referenced image ${shortId(image.id)}`,
      );
    }
    records.push(...untag(parts, found));
    if (catalog.tagsFor(caller, image.id).length > 0) return records;
  } else {
    const running = users.find((user) => user.running);
    if (running !== undefined)
      throw conflict(
        `unable to delete ${shortId(image.id)} (cannot be forced) - image is being used by ${shown(caller, running, 'running ')}`,
      );
    if (!force && !single)
      throw conflict(
        `unable to delete ${shortId(image.id)} (must be forced) - image is referenced in multiple repositories`,
      );
    if (!force && users[0] !== undefined)
      throw conflict(
        `unable to delete ${shortId(image.id)} (must be forced) - image is being used by ${shown(caller, users[0], 'stopped ')}`,
      );
    records.push(...untagAll(parts, caller, image.id));
  }
  // Still in somebody's use: its names are gone, it itself goes when the last container that needs it does.
  records.push(
    ...(await collectRecords(
      parts,
      catalog.rows.diffIds(image.id),
      image.id,
      found.tag?.scope ?? caller.uid,
    )),
  );
  return records;
}

function untag(parts: RemoveParts, { image, tag, digest }: Found): wire.ImageDeleted[] {
  const { catalog } = parts;
  const { rows } = catalog;
  return rows.atomically(() => {
    const records: wire.ImageDeleted[] = [];
    const row = tag ?? digest;
    if (tag !== undefined) {
      rows.deleteTag(tag);
      records.push({ Untagged: tagText(tag) });
      parts.announce('untag', image.id, tagText(tag), tag.scope);
    }
    // A digest is no name by itself: it goes with the last tag of its repository.
    const tags = rows.tagsOf(image.id);
    for (const other of rows.digestsOf(image.id)) {
      const same =
        digest !== undefined
          ? other.repository === digest.repository &&
            other.digest === digest.digest &&
            other.scope === digest.scope
          : other.scope === tag?.scope && other.repository === tag.repository;
      if (
        !same ||
        (digest === undefined &&
          tags.some((left) => left.scope === other.scope && left.repository === other.repository))
      )
        continue;
      rows.deleteDigest(other);
      records.push({ Untagged: digestText(other) });
    }
    if (row !== undefined) revokeIfNameless(catalog, image.id, row.scope);
    return records;
  });
}

/** Takes away every name that the caller sees, and their sight of the image. @throws EngineError 403 `not-owner` before anything is done */
export function untagAll(parts: RemoveParts, caller: Caller, imageId: string): wire.ImageDeleted[] {
  const { catalog } = parts;
  const { rows } = catalog;
  return rows.atomically(() => {
    const tags = catalog.tagsFor(caller, imageId);
    const digests = catalog.digestsFor(caller, imageId);
    judgeAllNames(catalog, caller, imageId);
    for (const row of tags) {
      rows.deleteTag(row);
      parts.announce('untag', imageId, tagText(row), row.scope);
    }
    for (const row of digests) rows.deleteDigest(row);
    const scopes = new Set([...tags, ...digests].map((row) => row.scope));
    if (caller.admin) for (const scope of rows.grants(imageId)) rows.revoke(imageId, scope);
    else for (const scope of [caller.uid, ...scopes]) rows.revoke(imageId, scope);
    return [...new Set([...tags.map(tagText), ...digests.map(digestText)])].map((text) => ({
      Untagged: text,
    }));
  });
}

function revokeIfNameless(catalog: ImageCatalog, imageId: string, scope: number): void {
  const { rows } = catalog;
  const left = [...rows.tagsOf(imageId), ...rows.digestsOf(imageId)].some((row) => row.scope === scope);
  if (!left) rows.revoke(imageId, scope);
}

function judgeAllNames(catalog: ImageCatalog, caller: Caller, imageId: string): void {
  for (const row of [...catalog.tagsFor(caller, imageId), ...catalog.digestsFor(caller, imageId)])
    judgeOwner(caller, row);
}

function judgeOwner(caller: Caller, row: TagRow | DigestRow): void {
  if (caller.admin || row.ownerUid === caller.uid) return;
  const name = 'tag' in row ? tagText(row) : digestText(row);
  throw new EngineError(
    403,
    'not-owner',
    `${name} is for everybody on this machine and was brought by another user (uid ${row.ownerUid}): only they or an administrator can remove it.`,
  );
}

/** What the collection freed, in Docker's form: the image, then its layers by chain id, top first. */
async function collectRecords(
  parts: RemoveParts,
  diffIds: readonly string[],
  imageId: string,
  scope: Scope,
): Promise<wire.ImageDeleted[]> {
  const { images, layers } = await parts.catalog.collect();
  if (!images.includes(imageId)) return [];
  parts.announce('delete', imageId, imageId, scope);
  const gone = new Set(layers.map((layer) => layer.diffId));
  const chain = chainIds(diffIds);
  return [
    { Deleted: imageId },
    ...diffIds
      .flatMap((diffId, at) => (gone.has(diffId) ? [{ Deleted: chain[at] ?? diffId }] : []))
      .reverse(),
  ];
}
