/** Images as clients ask for them: list, inspect, history, layers; Docker's shapes. */
import type * as wire from '../../protocol/docker';
import type { Caller, Filters } from '../api/services';
import { chainIds } from '../storage/digest';
import type { ImageCatalog } from './image-catalog';
import { digestText, tagText } from './image-catalog';
import { createdSeconds, layerInstructions } from './image-config';
import { matchesFilters } from './image-filters';

const unique = (texts: readonly string[]) => [...new Set(texts)];

export async function summarise(
  catalog: ImageCatalog,
  caller: Caller,
  imageId: string,
  containers: number,
): Promise<wire.ImageSummary> {
  const configuration = await catalog.configuration(imageId);
  return {
    Id: imageId,
    ParentId: '',
    RepoTags: unique(catalog.tagsFor(caller, imageId).map(tagText)),
    RepoDigests: unique(catalog.digestsFor(caller, imageId).map(digestText)),
    Created: createdSeconds(configuration.created),
    Size: catalog.size(imageId),
    SharedSize: -1,
    Containers: containers,
    Labels: configuration.config?.Labels ?? null,
  };
}

/** Newest first. @throws EngineError 400 for an unknown filter, 404 for a `before` or `since` that does not exist */
export async function listImages(
  catalog: ImageCatalog,
  caller: Caller,
  filters: Filters,
  containers: (imageId: string) => number,
): Promise<wire.ImageSummary[]> {
  const all = await Promise.all(
    catalog.seenBy(caller).map((image) => summarise(catalog, caller, image.id, containers(image.id))),
  );
  const createdOf = async (name: string) =>
    createdSeconds((await catalog.configuration(catalog.find(caller, name).image.id)).created);
  const kept: wire.ImageSummary[] = [];
  for (const summary of all) if (await matchesFilters(summary, filters, createdOf)) kept.push(summary);
  return kept.sort((a, b) => b.Created - a.Created);
}

export async function inspectImage(
  catalog: ImageCatalog,
  caller: Caller,
  name: string,
): Promise<wire.ImageInspect> {
  const { image } = catalog.find(caller, name);
  const configuration = await catalog.configuration(image.id);
  const summary = await summarise(catalog, caller, image.id, -1);
  const tagged = catalog.tagsFor(caller, image.id).map((row) => row.taggedAt);
  return {
    Id: image.id,
    RepoTags: summary.RepoTags,
    RepoDigests: summary.RepoDigests,
    Parent: '',
    Comment: configuration.comment ?? configuration.history?.at(-1)?.comment ?? '',
    ...(configuration.created === null || configuration.created === undefined
      ? {}
      : { Created: configuration.created }),
    DockerVersion: '',
    Author: configuration.author ?? '',
    Config: configuration.config ?? {},
    Architecture: configuration.architecture,
    ...(configuration.variant === undefined ? {} : { Variant: configuration.variant }),
    Os: configuration.os,
    Size: summary.Size,
    GraphDriver: { Name: 'overlay2', Data: null },
    RootFS: { Type: 'layers', Layers: configuration.rootfs.diff_ids },
    Metadata: {
      LastTagTime: tagged.length === 0 ? '0001-01-01T00:00:00Z' : new Date(Math.max(...tagged)).toISOString(),
    },
  };
}

/** Newest first, as `docker history` shows it. */
export async function imageHistory(
  catalog: ImageCatalog,
  caller: Caller,
  name: string,
): Promise<wire.ImageHistory[]> {
  const { image } = catalog.find(caller, name);
  const configuration = await catalog.configuration(image.id);
  const diffIds = [...configuration.rootfs.diff_ids];
  const lines = (configuration.history ?? []).map((entry) => {
    const diffId = entry.empty_layer === true ? undefined : diffIds.shift();
    return {
      Id: '<missing>',
      Created: createdSeconds(entry.created),
      CreatedBy: entry.created_by ?? '',
      Tags: null,
      Size: diffId === undefined ? 0 : (catalog.layers.get(diffId)?.bytes ?? 0),
      Comment: entry.comment ?? '',
    };
  });
  const untold = diffIds.map((diffId) => ({
    Id: '<missing>',
    Created: 0,
    CreatedBy: '',
    Tags: null,
    Size: catalog.layers.get(diffId)?.bytes ?? 0,
    Comment: '',
  }));
  const newestFirst = [...lines, ...untold].reverse();
  const tags = unique(catalog.tagsFor(caller, image.id).map(tagText));
  return newestFirst.map((line, at) => (at === 0 ? { ...line, Id: image.id, Tags: tags } : line));
}

/** Bottom first. */
export async function imageLayers(
  catalog: ImageCatalog,
  caller: Caller,
  name: string,
): Promise<wire.ImageLayer[]> {
  const { image } = catalog.find(caller, name);
  const configuration = await catalog.configuration(image.id);
  const chain = chainIds(configuration.rootfs.diff_ids);
  const instructions = layerInstructions(configuration);
  return configuration.rootfs.diff_ids.map((diffId, at) => {
    const blob = catalog.rows.blobOf(diffId);
    return {
      ...(blob === undefined ? {} : { Digest: blob.digest, CompressedSize: blob.size }),
      DiffId: diffId,
      ChainId: chain[at] ?? diffId,
      Size: catalog.layers.get(diffId)?.bytes ?? 0,
      CreatedBy: instructions[at] ?? '',
    };
  });
}
