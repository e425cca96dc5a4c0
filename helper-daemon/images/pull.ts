/** `docker pull`: index → platform → manifest → configuration → layers, and only then a name. */
import type * as wire from '../../protocol/docker';
import type { Caller, Progress } from '../api/services';
import { EngineError } from '../error';
import { digestOf } from '../storage/digest';
import type { ImageCatalog } from './image-catalog';
import { parseConfiguration } from './image-config';
import { pullLayers } from './pull-layers';
import type { LayerSource } from './pull-layers';
import type { LayerFlights } from './layer-flights';
import type { Descriptor, Manifest } from './manifest';
import { layerCompression } from './media-types';
import { choosePlatform, hostPlatform, matches, parsePlatform, platformText } from './platform';
import type { Reference } from './reference';
import { canonicalName, familiarReference, parseReference } from './reference';
import { RegistryClient } from './registry-client';
import { credentialsFor } from './registry-host';
import { RegistrySession } from './registry-session';
import type { RegistryTransport } from './registry-transport';
import { pullScope } from './scope';
import type { Scope } from './scope';

export interface PullRequest {
  readonly reference: string;
  readonly platform: string | undefined;
  readonly auth: wire.RegistryAuth | undefined;
  readonly signal: AbortSignal;
}

export interface PullParts {
  readonly transport: RegistryTransport;
  readonly catalog: ImageCatalog;
  readonly flights: LayerFlights;
}

interface Resolved {
  /** What the registry calls it: the index's digest where there is one. */
  readonly digest: string;
  readonly manifestBytes: Buffer;
  readonly manifestDigest: string;
  readonly manifest: Manifest;
}

/** @returns the image's id, and who sees it now @throws EngineError as its parts do; then nothing new is left but whole layers that another pull needed as well */
export async function pull(
  parts: PullParts,
  caller: Caller,
  request: PullRequest,
  progress: Progress,
): Promise<{ id: string; scope: Scope }> {
  const { signal } = request;
  const parsed = parseReference(request.reference);
  const reference: Reference =
    parsed.digest === undefined ? { ...parsed, tag: parsed.tag ?? 'latest' } : parsed;
  const platform =
    request.platform === undefined || request.platform === ''
      ? hostPlatform
      : parsePlatform(request.platform);
  const credentials = credentialsFor(request.auth, reference.repository.domain);
  const session = await RegistrySession.open(
    parts.transport,
    reference.repository.domain,
    reference.repository,
    credentials,
    signal,
  );
  const client = new RegistryClient(session, reference);

  const target = reference.digest ?? reference.tag ?? 'latest';
  const resolved = await resolve(client, reference, target, platform, signal);
  const { manifest } = resolved;
  const layerDigests = manifest.layers.map((layer) => ({
    layer,
    compression: layerCompression(layer.mediaType),
  }));
  progress({ status: `Pulling from ${reference.repository.path}`, id: target });

  const configBytes = await client.configuration(manifest.config, signal);
  const config = parseConfiguration(configBytes);
  if (!matches(platform, config) && request.platform !== undefined && request.platform !== '') {
    throw new EngineError(
      404,
      'no-matching-manifest',
      `image with reference ${familiarReference(reference)} was found but its platform (${platformText(config)}) does not match the specified platform (${platformText(platform)})`,
    );
  }
  if (config.os !== 'linux')
    throw new EngineError(
      400,
      'wrong-platform',
      `the image is for ${platformText(config)}; Berth runs Linux images`,
    );
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== layerDigests.length)
    throw new EngineError(
      400,
      'config-invalid',
      `the image's configuration names ${diffIds.length} layers, its manifest ${layerDigests.length}`,
    );

  const { catalog } = parts;
  const { domain } = reference.repository;
  const scope = pullScope(caller, session.hasCredentials, session.isPlain);
  const release = catalog.layers.lease(diffIds);
  let done = false;
  try {
    const sources: LayerSource[] = layerDigests.map(({ layer, compression }, at) => ({
      ...layer,
      compression,
      diffId: diffIds[at] ?? '',
    }));
    await pullLayers({ catalog, flights: parts.flights, client, caller, domain }, sources, progress, signal);
    signal.throwIfAborted();
    const id = manifest.config.digest;
    const repository = canonicalName(reference.repository);
    const before =
      catalog.rows.tag(scope, repository, reference.tag ?? '')?.imageId ??
      catalog.rows.digests(repository, resolved.digest).find((row) => row.scope === scope)?.imageId;
    await catalog.record({
      image: { id, manifest: resolved.manifestDigest, embedded: false, diffIds },
      blobs: [configBytes, resolved.manifestBytes],
      scope,
      ownerUid: caller.uid,
      names: [
        {
          repository,
          tag: reference.digest === undefined ? reference.tag : undefined,
          digest: resolved.digest,
        },
      ],
      also: () => {
        for (const source of sources) {
          catalog.rows.recordBlob(source.digest, source.diffId, source.size);
          catalog.rows.recordOrigin(source.diffId, domain);
        }
      },
    });
    progress({ status: `Digest: ${resolved.digest}` });
    progress({
      status: `Status: ${before === id ? 'Image is up to date' : 'Downloaded newer image'} for ${familiarReference(reference)}`,
    });
    done = true;
    return { id, scope };
  } finally {
    release();
    if (!done) await catalog.collect();
  }
}

async function resolve(
  client: RegistryClient,
  reference: Reference,
  target: string,
  platform: typeof hostPlatform,
  signal: AbortSignal,
): Promise<Resolved> {
  const top = await client.manifest(target, undefined, signal);
  if ('manifest' in top.content)
    return {
      digest: top.digest,
      manifestBytes: top.bytes,
      manifestDigest: top.digest,
      manifest: top.content.manifest,
    };
  const entry: Descriptor = choosePlatform(
    top.content.index.manifests,
    platform,
    familiarReference(reference),
  );
  const chosen = await client.manifest(entry.digest, entry.size, signal);
  if (!('manifest' in chosen.content))
    throw new EngineError(
      400,
      'manifest-invalid',
      "the registry's manifest is refused: the index names another index",
    );
  return {
    digest: top.digest,
    manifestBytes: chosen.bytes,
    manifestDigest: digestOf(chosen.bytes),
    manifest: chosen.content.manifest,
  };
}
