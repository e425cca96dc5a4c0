/** `docker import`: a tar of a root file system, plain or compressed, becomes an image of one layer. */
import type { Readable } from 'node:stream';
import type { Caller, Progress } from '../api/services';
import { EngineError } from '../error';
import { digestOf } from '../storage/digest';
import type { Compression } from '../storage/layer-trees';
import { applyChanges } from './config-changes';
import type { ImageCatalog } from './image-catalog';
import type { Configuration } from './image-config';
import { hostPlatform } from './platform';
import { progressBar } from './pull-progress';
import { canonicalName, parseRepository, parseTag } from './reference';
import { importScope } from './scope';

export interface ImportRequest {
  readonly repo: string | undefined;
  readonly tag: string | undefined;
  readonly message: string | undefined;
  readonly changes: readonly string[];
  readonly source: Readable;
  readonly signal: AbortSignal;
}

const progressInterval = 500;

/** @returns the image's id @throws EngineError 400 for names, changes and archives that are refused, 507 when the disk is full */
export async function importTar(
  catalog: ImageCatalog,
  caller: Caller,
  request: ImportRequest,
  progress: Progress,
): Promise<string> {
  const name =
    request.repo === undefined || request.repo === '' ? undefined : splitName(request.repo, request.tag);
  const config = applyChanges({}, request.changes);
  const { compression, source } = await sniff(request.source);
  let shown = -Infinity;
  const layer = await catalog.layers.ingest({
    source: untilAborted(source, request.signal),
    compression,
    expected: {},
    onProgress: (bytes) => {
      if (performance.now() - shown < progressInterval) return;
      shown = performance.now();
      progress({ status: 'Importing', progressDetail: { current: bytes }, progress: progressBar(bytes, 0) });
    },
  });
  const release = catalog.layers.lease([layer.diffId]);
  let done = false;
  try {
    request.signal.throwIfAborted();
    const created = new Date().toISOString();
    const comment = request.message ?? 'Imported from -';
    const configuration: Configuration = {
      architecture: hostPlatform.architecture,
      os: hostPlatform.os,
      created,
      config,
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
      history: [{ created, comment }],
    };
    const bytes = Buffer.from(JSON.stringify(configuration));
    const id = digestOf(bytes);
    await catalog.record({
      image: { id, manifest: undefined, embedded: false, diffIds: [layer.diffId] },
      blobs: [bytes],
      scope: importScope(caller),
      ownerUid: caller.uid,
      names: name === undefined ? [] : [{ ...name, digest: undefined }],
    });
    done = true;
    return id;
  } finally {
    release();
    if (!done) await catalog.collect();
  }
}

function splitName(repo: string, tag: string | undefined): { repository: string; tag: string } {
  const colon = repo.lastIndexOf(':');
  const inRepo = colon > repo.lastIndexOf('/') ? repo.slice(colon + 1) : undefined;
  const repository = canonicalName(parseRepository(inRepo === undefined ? repo : repo.slice(0, colon)));
  return { repository, tag: parseTag(tag === undefined || tag === '' ? (inRepo ?? 'latest') : tag) };
}

/** The first bytes tell: gzip (RFC 1952), zstd (RFC 8878), else a tar. */
async function sniff(source: Readable): Promise<{ compression: Compression; source: AsyncIterable<Buffer> }> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first: Buffer[] = [];
  for (let length = 0; length < 4;) {
    const next = await chunks.next();
    if (next.done === true) break;
    first.push(next.value);
    length += next.value.length;
  }
  const head = Buffer.concat(first);
  if (head.length === 0)
    throw new EngineError(
      400,
      'empty-archive',
      'the archive to import is empty; send a tar of a root file system (docker import FILE, or - with the tar on standard input)',
    );
  const compression =
    head[0] === 0x1f && head[1] === 0x8b
      ? 'gzip'
      : head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528
        ? 'zstd'
        : 'none';
  const rest = async function* () {
    try {
      yield head;
      for (;;) {
        const next = await chunks.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await chunks.return?.();
    }
  };
  return { compression, source: rest() };
}

/** A client that goes away in the middle is an end, not an end of file. */
async function* untilAborted(
  source: AsyncIterable<Buffer>,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  for await (const chunk of source) {
    signal.throwIfAborted();
    yield chunk;
  }
  signal.throwIfAborted();
}
