/** Manifests and indexes as registries serve them: read strictly, since whoever serves them is not trusted. */
import { z } from 'zod';
import { EngineError } from '../error';
import { digestPattern } from '../storage/digest';
import { isIndex, isManifest } from './media-types';

/** Docker's and containerd's cap as well. */
export const maxManifestBytes = 4 * 2 ** 20;
export const maxConfigBytes = 8 * 2 ** 20;
/** More cannot be united by overlay with room to spare (500 at most); Docker's limit is 128. */
export const maxLayers = 128;
const maxIndexEntries = 1000;
const maxBlobBytes = 2 ** 40;

const descriptor = z.object({
  mediaType: z.string().max(255),
  digest: z.string().regex(digestPattern, 'must be "sha256:" and 64 lower-case hexadecimal digits'),
  size: z.int().min(0).max(maxBlobBytes),
});
export type Descriptor = z.output<typeof descriptor>;

const platform = z.object({
  architecture: z.string().max(64),
  os: z.string().max(64),
  variant: z.string().max(64).optional(),
});
export type Platform = z.output<typeof platform>;

const manifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: descriptor,
  layers: z.array(descriptor).max(maxLayers, `more than ${maxLayers} layers`),
  manifests: z.undefined({ error: 'it has both layers and manifests' }).optional(),
});
export type Manifest = z.output<typeof manifest>;

const indexEntry = descriptor.extend({
  platform: platform.optional(),
  annotations: z.record(z.string(), z.string()).nullish(),
});
export type IndexEntry = z.output<typeof indexEntry>;

const index = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.array(indexEntry).max(maxIndexEntries, `more than ${maxIndexEntries} manifests`),
  layers: z.undefined({ error: 'it has both layers and manifests' }).optional(),
  config: z.undefined({ error: 'it has both a configuration and manifests' }).optional(),
});
export type Index = z.output<typeof index>;

const refused = (why: string) =>
  new EngineError(400, 'manifest-invalid', `the registry's manifest is refused: ${why}`);

/** @throws EngineError 400 for what is not JSON, or does not fit */
export function parseJson<T>(schema: z.ZodType<T>, bytes: Buffer, refusal: (why: string) => EngineError): T {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw refusal('it is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refusal(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'}`.replace(/^: /, ''));
}

/** Either kind, told apart by the media type the registry gave, which must be the one that the document itself claims. */
export function parseManifest(
  contentType: string,
  bytes: Buffer,
): { readonly manifest: Manifest } | { readonly index: Index } {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type.includes('docker.distribution.manifest.v1') || type === 'application/json' || type === '') {
    if (
      /"schemaVersion"\s*:\s*1\b/.test(bytes.subarray(0, 4096).toString('latin1')) ||
      type.includes('docker.distribution.manifest.v1')
    ) {
      throw refused(
        'it has schema version 1, which has no verifiable configuration and is no longer accepted; the image must be pushed again by a current tool',
      );
    }
  }
  if (!isIndex(type) && !isManifest(type))
    throw refused(`its media type ${JSON.stringify(type)} is none of an image's`);
  const document = isIndex(type)
    ? { index: parseJson(index, bytes, refused) }
    : { manifest: parseJson(manifest, bytes, refused) };
  const claimed = 'index' in document ? document.index.mediaType : document.manifest.mediaType;
  if (claimed !== undefined && claimed !== type)
    throw refused(`the registry calls it ${JSON.stringify(type)}, itself it says ${JSON.stringify(claimed)}`);
  return document;
}
