/** The layers of a pull: those that are here are skipped, the others come three at a time. */
import type { Caller, Progress } from '../api/services';
import type { Compression } from '../storage/layer-trees';
import type { ImageCatalog } from './image-catalog';
import type { LayerFlights } from './layer-flights';
import { Limiter } from './limiter';
import type { Descriptor } from './manifest';
import { LayerProgress } from './pull-progress';
import type { RegistryClient } from './registry-client';
import { sees } from './scope';

/** Docker's and containerd's number. For each pull of its own, so that a slow registry holds up nobody else. */
const concurrentLayers = 3;

export interface LayerSource extends Descriptor {
  readonly diffId: string;
  readonly compression: Compression;
}

export interface LayerParts {
  readonly catalog: ImageCatalog;
  readonly flights: LayerFlights;
  readonly client: RegistryClient;
  readonly caller: Caller;
  /** Of the registry. */
  readonly domain: string;
}

/** When it resolves, every layer is on the disk. When one fails the others are abandoned first: then it rejects. */
export async function pullLayers(
  parts: LayerParts,
  sources: readonly LayerSource[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const limiter = new Limiter(concurrentLayers);
  const wanted = new Map<string, { source: LayerSource; lines: LayerProgress }>();
  for (const source of sources) {
    const lines = new LayerProgress(progress, source.digest, source.size);
    if (mayReuse(parts, source.diffId)) lines.status('Already exists');
    else if (!wanted.has(source.diffId)) {
      lines.status('Pulling fs layer');
      wanted.set(source.diffId, { source, lines });
    }
  }
  [...wanted.values()].slice(concurrentLayers).forEach(({ lines }) => {
    lines.status('Waiting');
  });
  const results = await Promise.allSettled(
    [...wanted.values()].map(({ source, lines }) =>
      limiter
        .run(either, () => fetchLayer(parts, source, lines, either))
        .catch((error: unknown) => {
          if (!failed.signal.aborted) failed.abort(error);
          throw error;
        }),
    ),
  );
  signal.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/**
 * A layer that is here may be used when the caller has shown a right to it: they see an image with it, or the registry that now let them
 * read this manifest is one that has served the layer. Knowing a digest alone is no right: such a layer is downloaded (and kept once all the same).
 */
function mayReuse({ catalog, caller, domain }: LayerParts, diffId: string): boolean {
  if (!catalog.layers.has(diffId)) return false;
  if (catalog.rows.cameFrom(diffId, domain)) return true;
  return catalog.rows.imagesWithLayer(diffId).some((imageId) => sees(caller, catalog.rows.grants(imageId)));
}

async function fetchLayer(
  parts: LayerParts,
  source: LayerSource,
  lines: LayerProgress,
  signal: AbortSignal,
): Promise<void> {
  const key = `${parts.domain} ${source.digest} ${source.size} ${source.diffId}`;
  await parts.flights.join(key, lines, signal, async (all, flightSignal) => {
    // The flight outlives a pull that leaves it: it has a lease of its own.
    const release = parts.catalog.layers.lease([source.diffId]);
    try {
      return await parts.catalog.layers.ingest({
        source: parts.client.blob(source, flightSignal),
        compression: source.compression,
        expected: { digest: source.digest, size: source.size, diffId: source.diffId },
        onProgress: (bytes) => {
          all.bytes('Downloading', bytes);
        },
        onReceived: () => {
          all.status('Verifying Checksum');
          all.status('Download complete');
          all.bytes('Extracting', source.size);
        },
      });
    } finally {
      release();
    }
  });
  lines.status('Pull complete');
}
