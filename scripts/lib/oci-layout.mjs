/** Writes an OCI image layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md) whose digests depend on content alone. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const architectures = { x64: 'amd64', arm64: 'arm64' };
export const architecture = architectures[process.arch] ?? process.arch;

export class OciLayout {
  #directory;
  #manifests = [];

  constructor(directory) {
    this.#directory = directory;
    mkdirSync(join(directory, 'blobs', 'sha256'), { recursive: true });
    writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  }

  /** @param {Buffer} bytes @returns {{mediaType: string, digest: string, size: number}} */
  blob(mediaType, bytes) {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(this.#directory, 'blobs', 'sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  }

  /** An uncompressed layer: its digest is its diff id, and no version of a compressor has a part in it. */
  layer(chunks) {
    return this.blob('application/vnd.oci.image.layer.v1.tar', Buffer.concat([...chunks]));
  }

  /**
   * @param {string} name e.g. `berth/base:latest`
   * @param {{layers: {digest: string, diffId?: string}[], config: object, created: string, history: string[]}} image `history`: what made each layer; `diffId` where it is not the digest
   */
  image(name, { layers, config, created, history }) {
    const json = (value) => Buffer.from(JSON.stringify(value));
    const descriptor = this.blob(
      'application/vnd.oci.image.config.v1+json',
      json({
        architecture,
        os: 'linux',
        created,
        config,
        rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId ?? layer.digest) },
        history: history.map((created_by) => ({ created, created_by })),
      }),
    );
    const manifest = this.blob(
      'application/vnd.oci.image.manifest.v1+json',
      json({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: descriptor,
        layers,
      }),
    );
    this.#manifests.push({
      ...manifest,
      platform: { architecture, os: 'linux' },
      annotations: { 'org.opencontainers.image.ref.name': name },
    });
    return manifest;
  }

  /** Pins the digests of all images. Written last: a layout without it is not finished. */
  finish() {
    writeFileSync(
      join(this.#directory, 'index.json'),
      `${JSON.stringify(
        {
          schemaVersion: 2,
          mediaType: 'application/vnd.oci.image.index.v1+json',
          manifests: this.#manifests,
        },
        null,
        2,
      )}\n`,
    );
  }
}
