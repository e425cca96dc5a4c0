import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { EngineError } from '../error';

/** Larger than any create body that a real client sends; uploads (tars) are streams and never come this way. */
export const maxJsonBodyBytes = 8 * 1024 * 1024;

/**
 * Reads a whole body.
 * @throws EngineError 400 above `maxJsonBodyBytes`; what remains is drained by the connection, not kept
 */
export async function readBody(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxJsonBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export const tooLarge = () =>
  new EngineError(400, 'body-too-large', `the request body is larger than ${maxJsonBodyBytes} bytes`);

/**
 * Parses a JSON body against its schema. An empty body reads as `{}`.
 * @throws EngineError 400 that names the field
 */
export function parseJson<T extends z.ZodType>(schema: T, body: Buffer): z.output<T> {
  const text = body.toString('utf8').trim();
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new EngineError(400, 'bad-json', 'the request body is not valid JSON', { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EngineError(
    400,
    'bad-body',
    issue === undefined ? 'the request body is not valid' : describe(issue),
  );
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => [...path, key].join('.')).join(', ');
    return `unknown option ${names}: this helper does not know it, and does not ignore what it does not know. Leave it out.`;
  }
  const where = path.length === 0 ? 'the request body' : path.join('.');
  return `invalid ${where}: ${issue.message}`;
}
