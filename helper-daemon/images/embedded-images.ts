/** The images in the package (an OCI layout): recorded at first need, under the digests that the build has pinned, for everybody. */
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../error';
import { digestOf, digestPattern, hexOf } from '../storage/digest';
import type { ImageCatalog } from './image-catalog';
import { parseConfiguration } from './image-config';
import { parseJson, parseManifest } from './manifest';
import { layerCompression } from './media-types';
import { canonicalName, parseReference } from './reference';
import { everybody } from './scope';

const layoutIndex = z.object({
  manifests: z.array(
    z.object({
      mediaType: z.string(),
      digest: z.string().regex(digestPattern),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
const nameAnnotation = 'org.opencontainers.image.ref.name';

/** The names that Berth keeps for itself; a registry is never asked for them. */
const reserved = ['berth/base', 'berth/hello'];

const damaged = (why: string) =>
  new EngineError(
    500,
    'embedded-images-damaged',
    `The images in Berth's package cannot be used: ${why}. Install Berth again (in a checkout: npm run build).`,
  );

export class EmbeddedImages {
  private readonly arriving = new Map<string, Promise<void>>();

  /** @param layout `dist/images` */
  constructor(
    private readonly layout: string,
    private readonly catalog: ImageCatalog,
  ) {}

  /** Whether a name means an embedded image: its tag must be `latest`, or absent. */
  isEmbedded(name: string): boolean {
    return this.key(name) !== undefined;
  }

  private key(name: string): string | undefined {
    return reserved.find(
      (own) =>
        name === own ||
        name === `${own}:latest` ||
        name === `docker.io/${own}` ||
        name === `docker.io/${own}:latest`,
    );
  }

  /** Records the image unless it is there. @returns whether it was an embedded name */
  async ensure(name: string): Promise<boolean> {
    const key = this.key(name);
    if (key === undefined) return false;
    if (this.catalog.rows.tag(everybody, `docker.io/${key}`, 'latest') !== undefined) return true;
    const arriving = this.arriving.get(key) ?? this.record(key).finally(() => this.arriving.delete(key));
    this.arriving.set(key, arriving);
    await arriving;
    return true;
  }

  private async record(key: string): Promise<void> {
    if (!existsSync(join(this.layout, 'index.json')))
      throw damaged(`${join(this.layout, 'index.json')} is missing`);
    const index = parseJson(layoutIndex, await readFile(join(this.layout, 'index.json')), damaged);
    const entry = index.manifests.find(
      ({ annotations }) => annotations?.[nameAnnotation] === `${key}:latest`,
    );
    if (entry === undefined) throw damaged(`${key} is not among them`);
    const manifestBytes = await this.blob(entry.digest);
    const content = parseManifest(entry.mediaType, manifestBytes);
    if (!('manifest' in content)) throw damaged(`${key} is an index`);
    const { manifest } = content;
    const configBytes = await this.blob(manifest.config.digest);
    const diffIds = parseConfiguration(configBytes).rootfs.diff_ids;
    const { layers } = this.catalog;
    const release = layers.lease(diffIds);
    try {
      for (const [at, layer] of manifest.layers.entries()) {
        const diffId = diffIds[at];
        if (diffId === undefined) throw damaged(`${key} has more layers than its configuration`);
        if (layers.has(diffId)) continue;
        const source = createReadStream(this.path(layer.digest));
        await layers.ingest({
          source,
          compression: layerCompression(layer.mediaType),
          expected: { digest: layer.digest, size: layer.size, diffId },
        });
      }
      await this.catalog.record({
        image: { id: manifest.config.digest, manifest: entry.digest, embedded: true, diffIds },
        blobs: [configBytes, manifestBytes],
        scope: everybody,
        ownerUid: 0,
        names: [
          { repository: canonicalName(parseReference(key).repository), tag: 'latest', digest: entry.digest },
        ],
      });
    } finally {
      release();
    }
  }

  private path(digest: string): string {
    return join(this.layout, 'blobs', 'sha256', hexOf(digest));
  }

  private async blob(digest: string): Promise<Buffer> {
    const bytes = await readFile(this.path(digest)).catch((cause: unknown) => {
      throw Object.assign(damaged(`${digest} is missing`), { cause });
    });
    if (digestOf(bytes) !== digest) throw damaged(`${digest} has been changed`);
    return bytes;
  }
}
