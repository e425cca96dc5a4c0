/** One layer on its way in: bytes → addon (hash, inflate, hash) → pipe → unpacked tree, and the checks before anything of it counts. */
import { EngineError } from '../error';
import type { LayerStream } from '../warden/addon';
import type { Compression, LayerAddon, LayerTrees } from './layer-trees';

/** Bytes of one layer, inflated. Far above real layers, far below what fills a disk unseen. */
export const maxLayerBytes = 64 * 2 ** 30;
export const maxLayerEntries = 2_000_000;
/** Inflated bytes per byte of a download beyond `freeInflation`: deflate can reach 1032, real layers stay below 50. */
const maxInflation = 200;
const freeInflation = 2 ** 30;

export interface IngestRequest {
  readonly source: AsyncIterable<Buffer>;
  readonly compression: Compression;
  /** What the bytes claim to be; what is given is checked. */
  readonly expected: { readonly digest?: string; readonly size?: number; readonly diffId?: string };
  /** Called with the number of input bytes taken so far. */
  readonly onProgress?: (bytes: number) => void;
  /** Called when the last byte has arrived and the rest of the unpacking is awaited. */
  readonly onReceived?: () => void;
}

export interface IngestedLayer {
  readonly diffId: string;
  /** Digest and size of the bytes as they came. */
  readonly digest: string;
  readonly inputBytes: number;
  readonly bytes: number;
  readonly entries: number;
}

/**
 * @param directory where the tree is made; on rejection it has been given to `discard`
 * @throws EngineError 400 `layer-damaged` when digests or sizes differ, what LayerTrees.unpack throws, or the source's own error
 */
export async function ingestLayer(
  addon: LayerAddon,
  trees: LayerTrees,
  directory: string,
  request: IngestRequest,
  discard: (path: string) => Promise<void>,
): Promise<IngestedLayer> {
  const maxBytes =
    request.expected.size === undefined
      ? maxLayerBytes
      : Math.min(maxLayerBytes, Math.max(freeInflation, request.expected.size * maxInflation));
  const pipe = addon.pipe();
  const stream = new addon.LayerStream({
    compression: request.compression,
    outputFd: pipe.write,
    maxOutputBytes: maxBytes,
  });
  // Our copy of the read end goes when the unpacking is over, however it ended: a writer into a pipe that nobody reads then fails instead of waiting.
  const unpacking = trees
    .unpack(directory, pipe.read, { bytes: maxBytes, entries: maxLayerEntries })
    .finally(() => addon.closeFd(pipe.read));
  const streaming = feed(stream, request).catch((error: unknown) => {
    stream.abort();
    throw error;
  });
  const [unpacked, streamed] = await Promise.allSettled([unpacking, streaming]);
  const failure = reason(unpacked, streamed);
  if (failure === undefined && unpacked.status === 'fulfilled' && streamed.status === 'fulfilled') {
    const { digest, diffId, inputBytes } = streamed.value;
    const damage = difference(request.expected, { digest, diffId, size: inputBytes });
    if (damage === undefined) return { digest, diffId, inputBytes, ...unpacked.value };
    await discard(directory);
    throw new EngineError(400, 'layer-damaged', damage);
  }
  // Unpacking removes what it has made; a warden that was killed in the middle has not.
  await discard(directory);
  throw failure;
}

async function feed(stream: LayerStream, request: IngestRequest) {
  let received = 0;
  for await (const chunk of request.source) {
    received += chunk.length;
    await stream.write(chunk);
    request.onProgress?.(received);
  }
  request.onReceived?.();
  return stream.finish();
}

/**
 * Which of two failures is the cause: a broken download makes the unpacking end early ("layer-invalid"), and an unpacking that
 * ends early makes the writer fail with EPIPE.
 */
function reason(unpacked: PromiseSettledResult<unknown>, streamed: PromiseSettledResult<unknown>): unknown {
  if (streamed.status === 'fulfilled') return unpacked.status === 'rejected' ? unpacked.reason : undefined;
  const { code } = streamed.reason as { code?: unknown };
  const brokenPipe = code === 'EPIPE';
  if (unpacked.status === 'rejected' && brokenPipe) return unpacked.reason;
  return describeStreamFailure(streamed.reason);
}

function describeStreamFailure(error: unknown): unknown {
  if (
    error instanceof EngineError ||
    !(error instanceof Error) ||
    (error as { syscall?: unknown }).syscall !== undefined
  )
    return error;
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('layer-')) return error;
  return new EngineError(400, code, `failed to register layer: ${error.message}`, { cause: error });
}

interface Measured {
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
}

function difference(expected: IngestRequest['expected'], actual: Measured): string | undefined {
  if (expected.size !== undefined && expected.size !== actual.size) {
    return `filesystem layer verification failed: the manifest says ${expected.size} bytes, ${actual.size} came. The registry or something on the way has damaged it; nothing of it was kept.`;
  }
  if (expected.digest !== undefined && expected.digest !== actual.digest) {
    return `filesystem layer verification failed for digest ${expected.digest}: the bytes that came have ${actual.digest}. The registry or something on the way has damaged them; nothing of it was kept.`;
  }
  if (expected.diffId !== undefined && expected.diffId !== actual.diffId) {
    return `layers from manifest don't match image configuration: the configuration says ${expected.diffId}, the layer is ${actual.diffId}. The image was made wrongly; nothing of it was kept.`;
  }
  return undefined;
}
