/** `docker image prune`: images without a name, or with `dangling=false` all that no container uses. */
import type * as wire from '../../protocol/docker';
import type { Caller, Filters } from '../api/services';
import { chainIds } from '../storage/digest';
import { matchesFilters } from './image-filters';
import { untagAll } from './image-remove';
import type { RemoveParts } from './image-remove';
import { summarise } from './image-views';
import { everybody } from './scope';

const isFalse = (value: string | undefined) =>
  ['0', 'false', 'no', 'none'].includes(value?.toLowerCase() ?? '');

export async function pruneImages(
  parts: RemoveParts,
  caller: Caller,
  filters: Filters,
): Promise<{ ImagesDeleted: wire.ImageDeleted[] | null; SpaceReclaimed: number }> {
  const { catalog } = parts;
  const unused = isFalse(filters.get('dangling')?.[0]);
  const others = new Map([...filters].filter(([key]) => key !== 'dangling'));
  const records: wire.ImageDeleted[] = [];
  const layersOf = new Map<string, string[]>();
  for (const image of catalog.seenBy(caller)) {
    const tags = catalog.rows.tagsOf(image.id);
    if (
      parts.imageInUse(image.id).length > 0 ||
      (!unused && tags.length > 0) ||
      !mayRemove(parts, caller, image.id)
    )
      continue;
    if (
      !(await matchesFilters(await summarise(catalog, caller, image.id, 0), others, () => Promise.resolve(0)))
    )
      continue;
    layersOf.set(image.id, catalog.rows.diffIds(image.id));
    records.push(...untagAll(parts, caller, image.id));
  }
  const { images, layers } = await catalog.collect();
  const gone = new Set(layers.map((layer) => layer.diffId));
  for (const id of images) {
    parts.announce('delete', id, id, everybody);
    records.push({ Deleted: id });
    const diffIds = layersOf.get(id) ?? [];
    const chain = chainIds(diffIds);
    for (const [at, diffId] of diffIds.entries())
      if (gone.delete(diffId)) records.push({ Deleted: chain[at] ?? diffId });
  }
  const freed = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  return { ImagesDeleted: records.length === 0 ? null : records, SpaceReclaimed: freed };
}

/** What others have brought for everybody is not a confined caller's to prune. */
function mayRemove({ catalog }: RemoveParts, caller: Caller, imageId: string): boolean {
  if (caller.admin) return true;
  const rows = [...catalog.tagsFor(caller, imageId), ...catalog.digestsFor(caller, imageId)];
  if (rows.some((row) => row.ownerUid !== caller.uid)) return false;
  return rows.length > 0 || catalog.rows.grants(imageId).includes(caller.uid);
}
