import type { Readable } from 'node:stream';
import { maxJsonBodyBytes, tooLarge } from './request-body';

/**
 * Reads a JSON object off the front of a body that may go on as raw bytes: without an upgrade, a client's options and
 * stdin share one chunked body. Leaves the rest in the stream. A body that does not begin with `{` has no options.
 */
export async function readJsonPrefix(source: Readable): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const chunk = await nextChunk(source);
    if (chunk === undefined) return bytes;
    bytes = Buffer.concat([bytes, chunk]);
    const end = objectEnd(bytes);
    if (end !== undefined) {
      if (end < bytes.length) source.unshift(bytes.subarray(end));
      return bytes.subarray(0, end);
    }
    if (bytes.length > maxJsonBodyBytes) throw tooLarge();
  }
}

function nextChunk(source: Readable): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const done = (chunk: Buffer | undefined) => {
      source.off('readable', look);
      source.off('end', none);
      source.off('close', none);
      resolve(chunk);
    };
    const none = () => {
      done(undefined);
    };
    const look = () => {
      const chunk: unknown = source.read();
      if (Buffer.isBuffer(chunk)) done(chunk);
      else if (source.readableEnded || source.destroyed) none();
    };
    source.on('readable', look);
    source.on('end', none);
    source.on('close', none);
    look();
  });
}

/** Where the object at the start ends; 0 when there is none; undefined while it is not whole. */
function objectEnd(bytes: Buffer): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const character = String.fromCharCode(bytes[index] ?? 0);
    if (quoted) {
      if (character === '\\') index += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    else if (depth === 0 && !/\s/.test(character)) return 0;
    if (depth === 0 && !quoted && /[}\]]/.test(character)) return index + 1;
    if (depth === 0 && quoted) return 0;
  }
  return undefined;
}
