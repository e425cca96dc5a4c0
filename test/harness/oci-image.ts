/** Images made on the spot: an OCI layout in a temporary directory, for skopeo to push or for a test to spoil. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { projectRoot } from './daemon';

export interface Blob {
  readonly digest: string;
  readonly bytes: Buffer;
  readonly mediaType: string;
}

export interface MadeLayer extends Blob {
  readonly diffId: string;
}

export interface MadeImage {
  readonly layers: readonly MadeLayer[];
  readonly config: Blob;
  readonly manifest: Blob;
}

export const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A tar of files with the given content. @param files path → content; @param mode of all of them */
export function tarOf(files: Readonly<Record<string, string | Buffer>>, mode = 0o644): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'berth-layer-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content, { mode });
    }
    const arguments_ = [
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '-cf',
      '-',
      '-C',
      directory,
      '.',
    ];
    return execFileSync('tar', arguments_, { maxBuffer: 1 << 30 });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function layerOf(tar: Buffer, compression: 'gzip' | 'zstd' | 'none' = 'gzip'): MadeLayer {
  const bytes = compression === 'gzip' ? gzipSync(tar) : compression === 'zstd' ? zstdCompressSync(tar) : tar;
  const suffix = compression === 'none' ? '' : `+${compression}`;
  return {
    bytes,
    digest: sha256(bytes),
    diffId: sha256(tar),
    mediaType: `application/vnd.oci.image.layer.v1.tar${suffix}`,
  };
}

const descriptor = ({ digest, bytes, mediaType }: Blob) => ({ mediaType, digest, size: bytes.length });

export function imageOf(
  layers: readonly MadeLayer[],
  config: object = {},
  changes: { manifest?: object; config?: object } = {},
): MadeImage {
  const configBytes = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : 'arm64',
      os: 'linux',
      created: '2024-01-01T00:00:00Z',
      config,
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
      history: layers.map((_, at) => ({ created: '2024-01-01T00:00:00Z', created_by: `layer ${at}` })),
      ...changes.config,
    }),
  );
  const madeConfig = {
    bytes: configBytes,
    digest: sha256(configBytes),
    mediaType: 'application/vnd.oci.image.config.v1+json',
  };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: descriptor(madeConfig),
      layers: layers.map(descriptor),
      ...changes.manifest,
    }),
  );
  return { layers, config: madeConfig, manifest: { bytes, digest: sha256(bytes), mediaType } };
}

/** Writes images as an OCI layout that skopeo reads (`oci:DIRECTORY:NAME`). The caller removes the directory. */
export function writeLayout(images: Readonly<Record<string, MadeImage>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'berth-layout-'));
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true });
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const manifests = Object.entries(images).map(([name, image]) => {
    for (const blob of [...image.layers, image.config, image.manifest])
      writeFileSync(join(directory, 'blobs/sha256', blob.digest.slice(7)), blob.bytes);
    return { ...descriptor(image.manifest), annotations: { 'org.opencontainers.image.ref.name': name } };
  });
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  return directory;
}

/** The embedded images' layout, made by the build. */
export const embeddedLayout = join(projectRoot, 'dist', 'images');

/** The layer of `berth/base`: a root in which programs run. */
export function busyboxLayer(): MadeLayer {
  const read = (digest: string) => readFileSync(join(embeddedLayout, 'blobs/sha256', digest.slice(7)));
  const index = JSON.parse(readFileSync(join(embeddedLayout, 'index.json'), 'utf8'));
  const manifest = JSON.parse(read(index.manifests[0].digest).toString());
  return layerOf(read(manifest.layers[0].digest));
}
