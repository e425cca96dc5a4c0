/** Content digests. One algorithm, one spelling: `sha256:` and 64 lower-case hex digits; anything else is refused before it becomes a path. */
import { createHash } from 'node:crypto';

export const digestPattern = /^sha256:[0-9a-f]{64}$/;

export const isDigest = (text: string): boolean => digestPattern.test(text);

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The hex digits of a digest. @throws RangeError for anything that is not a digest: it was to be checked at the edge */
export function hexOf(digest: string): string {
  if (!isDigest(digest)) throw new RangeError(`not a digest: ${JSON.stringify(digest.slice(0, 100))}`);
  return digest.slice('sha256:'.length);
}

/**
 * What a stack of layers is called (OCI image-spec, config.md "Layer ChainID"): one id for each layer with all that lie beneath it.
 * @param diffIds bottom first
 */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : digestOf(Buffer.from(`${below} ${diffId}`)));
  }
  return chain;
}
