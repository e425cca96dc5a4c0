/** A blob's bytes, however often the connection breaks: what has arrived is not asked for again where the registry can resume (RFC 9110 §14). */
import { EngineError } from '../error';
import type { Descriptor } from './manifest';
import type { Reference } from './reference';
import { TransientError, pullRefused, readRefusal, unreachable } from './registry-error';
import type { RegistrySession } from './registry-session';
import { discard, readBounded } from './registry-transport';
import type { TransportResponse } from './registry-transport';
import { pauseOrThrow } from './retry';

const maxErrorBytes = 64 * 1024;
/** A body that brings less than this in a window is as good as none: the attempt ends, and counts as a failed one. */
const slowestBytes = 64 * 1024;
const slowWindowMs = 30_000;

/**
 * @throws EngineError 400 `layer-damaged` for more bytes than promised, 404/401 from the registry, 503 after the last attempt;
 *   the signal's reason when aborted
 */
export async function* downloadBlob(
  session: RegistrySession,
  reference: Reference,
  descriptor: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  let received = 0;
  let atLastFailure = 0;
  for (let attempts = 1; ; attempts += 1) {
    try {
      for await (const chunk of fastEnough(await openAt(session, reference, descriptor, received, signal))) {
        received += chunk.length;
        if (received > descriptor.size) throw tooLong(descriptor);
        yield chunk;
      }
      if (received === descriptor.size) return;
      throw new TransientError(`it sent ${received} of ${descriptor.size} bytes`);
    } catch (error) {
      if (received - atLastFailure >= slowestBytes) attempts = 1;
      atLastFailure = received;
      await pauseOrThrow(error, attempts, signal).catch((last: unknown) => {
        throw unreachable(session.domain, last);
      });
    }
  }
}

async function openAt(
  session: RegistrySession,
  reference: Reference,
  descriptor: Descriptor,
  from: number,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  const path = `${reference.repository.path}/blobs/${descriptor.digest}`;
  const response = await session.once(path, from === 0 ? {} : { range: `bytes=${from}-` }, signal);
  if (response.status === 206 && from > 0) {
    const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1];
    if (Number(start) === from) return response.body as AsyncIterable<Buffer>;
    discard(response.body);
    throw new EngineError(
      400,
      'layer-damaged',
      `The registry was asked for the bytes from ${from} on and sends others; nothing of it was kept.`,
    );
  }
  if (response.status === 200) {
    judgeLength(response, descriptor);
    return from === 0
      ? (response.body as AsyncIterable<Buffer>)
      : skip(response.body as AsyncIterable<Buffer>, from);
  }
  if (response.status === 416) {
    discard(response.body);
    throw new TransientError('it has fewer bytes than it promised');
  }
  throw pullRefused(
    reference,
    readRefusal(response.status, await readBounded(response.body, maxErrorBytes, 'answer')),
    session.hasCredentials,
  );
}

function judgeLength(response: TransportResponse, descriptor: Descriptor): void {
  const length = response.headers['content-length'];
  if (length === undefined || Number(length) <= descriptor.size) return;
  discard(response.body);
  throw tooLong(descriptor);
}

const tooLong = (descriptor: Descriptor) =>
  new EngineError(
    400,
    'layer-damaged',
    `filesystem layer verification failed: ${descriptor.digest} is to have ${descriptor.size} bytes, the registry sends more. Nothing of it was kept.`,
  );

/** For a registry that cannot resume and sends everything again. */
async function* skip(body: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer, void> {
  let left = count;
  for await (const chunk of body) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

async function* fastEnough(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let windowStart = performance.now();
  let windowBytes = 0;
  for await (const chunk of body) {
    windowBytes += chunk.length;
    const now = performance.now();
    if (now - windowStart > slowWindowMs) {
      if (windowBytes < slowestBytes)
        throw new TransientError(
          `it sends less than ${slowestBytes} bytes in ${slowWindowMs / 1000} seconds`,
        );
      windowStart = now;
      windowBytes = 0;
    }
    yield chunk;
  }
}
