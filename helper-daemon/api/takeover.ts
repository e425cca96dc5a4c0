import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { EngineError } from '../error';

/** The JSON in front of an upgraded stream is a handful of options. */
const maxBodyBytes = 64 * 1024;
const maxChunkLineBytes = 1024;

const tooLarge = () => new EngineError(400, 'body-too-large', 'the body in front of the stream is too large');
const badChunk = () =>
  new EngineError(400, 'bad-body', 'the chunked body in front of the stream is not well formed');

/**
 * Node hands an upgraded connection over without having read the request's body: it stands, framing and all, in front of
 * the bytes that are already the stream's. This reads exactly the body and leaves the rest on the socket.
 */
export async function readBodyBeforeStream(request: IncomingMessage, socket: Duplex): Promise<Buffer> {
  const reader = new ByteReader(socket);
  if (/\bchunked\b/i.test(request.headers['transfer-encoding'] ?? '')) return readChunked(reader);
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > maxBodyBytes) throw tooLarge();
  return reader.take(length);
}

async function readChunked(reader: ByteReader): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const size = /^([0-9a-f]{1,8})(;.*)?$/i.exec(await reader.line())?.[1];
    if (size === undefined) throw badChunk();
    const length = Number.parseInt(size, 16);
    total += length;
    if (total > maxBodyBytes) throw tooLarge();
    if (length === 0) break;
    chunks.push(await reader.take(length));
    if ((await reader.line()) !== '') throw badChunk();
  }
  // Trailer fields end with an empty line, as the body does without them.
  while ((await reader.line()) !== '') total += maxChunkLineBytes;
  return Buffer.concat(chunks);
}

/** Takes exact numbers of bytes off a paused stream; what was not asked for stays in it. */
class ByteReader {
  constructor(private readonly source: Duplex) {}

  async take(length: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const chunk = await this.some();
      if (chunk.length > missing) this.source.unshift(chunk.subarray(missing));
      chunks.push(chunk.subarray(0, missing));
      missing -= Math.min(missing, chunk.length);
    }
    return Buffer.concat(chunks);
  }

  async line(): Promise<string> {
    let text = '';
    while (!text.endsWith('\n')) {
      if (text.length > maxChunkLineBytes) throw badChunk();
      text += (await this.take(1)).toString('latin1');
    }
    return text.replace(/\r?\n$/, '');
  }

  private async some(): Promise<Buffer> {
    for (;;) {
      const chunk: unknown = this.source.read();
      if (Buffer.isBuffer(chunk)) return chunk;
      await this.readable();
    }
  }

  private readable(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void) => () => {
        for (const [event, listener] of listeners) this.source.off(event, listener);
        action();
      };
      const cut = () => reject(new EngineError(400, 'bad-body', 'the connection ended before the body did'));
      const listeners = [
        ['readable', settle(resolve)],
        ['end', settle(cut)],
        ['close', settle(cut)],
        ['error', settle(cut)],
      ] as const;
      if (this.source.readableEnded || this.source.destroyed) {
        cut();
        return;
      }
      for (const [event, listener] of listeners) this.source.on(event, listener);
    });
  }
}
