import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../../../helper-daemon/images/manifest';
import type { Manifest } from '../../../../helper-daemon/images/manifest';
import { layerCompression, mediaType } from '../../../../helper-daemon/images/media-types';

const digest = (fill: string) => `sha256:${fill.repeat(64)}`;
const descriptor = (fill: string, type: string) => ({ mediaType: type, digest: digest(fill), size: 10 });
const gzipLayer = 'application/vnd.oci.image.layer.v1.tar+gzip';
const good = {
  schemaVersion: 2,
  config: descriptor('c', mediaType.ociConfig),
  layers: [descriptor('1', gzipLayer)],
};
const parse = (value: unknown, type: string = mediaType.ociManifest) =>
  parseManifest(type, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

test('an OCI manifest, and a Docker one with its media type inside', () => {
  const oci = parse(good) as { manifest: Manifest };
  expect(oci.manifest.layers.map((layer) => layer.digest)).toEqual([digest('1')]);
  const docker = { ...good, mediaType: mediaType.dockerManifest };
  expect(parse(docker, `${mediaType.dockerManifest}; charset=utf-8`)).toHaveProperty('manifest');
});

test('an index keeps its platforms', () => {
  const entry = {
    ...descriptor('2', mediaType.ociManifest),
    platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
  };
  expect(parse({ schemaVersion: 2, manifests: [entry] }, mediaType.ociIndex)).toEqual({
    index: { schemaVersion: 2, manifests: [entry] },
  });
});

describe('refused', () => {
  test.each<[string, unknown, string, RegExp]>([
    [
      'schema 1 by its type',
      good,
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
      /schema version 1/,
    ],
    ['schema 1 by its content', { schemaVersion: 1, fsLayers: [] }, 'application/json', /schema version 1/],
    ['an unknown type', good, 'text/html', /none of an image's/],
    [
      'both layers and manifests',
      { ...good, manifests: [] },
      mediaType.ociManifest,
      /both layers and manifests/,
    ],
    [
      'an index with layers',
      { schemaVersion: 2, manifests: [], layers: [] },
      mediaType.ociIndex,
      /both layers and manifests/,
    ],
    [
      'a type that is not the one it says itself',
      { ...good, mediaType: mediaType.ociIndex },
      mediaType.ociManifest,
      /itself it says/,
    ],
    [
      'a digest that is a path',
      { ...good, config: { ...good.config, digest: 'sha256:../../etc/passwd' } },
      mediaType.ociManifest,
      /config\.digest/,
    ],
    [
      'a short digest',
      { ...good, config: { ...good.config, digest: 'sha256:abcd' } },
      mediaType.ociManifest,
      /config\.digest/,
    ],
    [
      'an upper-case digest',
      { ...good, config: { ...good.config, digest: `sha256:${'A'.repeat(64)}` } },
      mediaType.ociManifest,
      /config\.digest/,
    ],
    [
      'another algorithm',
      { ...good, config: { ...good.config, digest: `md5:${'a'.repeat(32)}` } },
      mediaType.ociManifest,
      /config\.digest/,
    ],
    [
      'a negative size',
      { ...good, config: { ...good.config, size: -1 } },
      mediaType.ociManifest,
      /config\.size/,
    ],
    [
      'a fractional size',
      { ...good, config: { ...good.config, size: 1.5 } },
      mediaType.ociManifest,
      /config\.size/,
    ],
    [
      'too many layers',
      { ...good, layers: Array(129).fill(good.layers[0]) },
      mediaType.ociManifest,
      /more than 128 layers/,
    ],
    ['null where there must be a list', { ...good, layers: null }, mediaType.ociManifest, /layers/],
    ['a number', 7, mediaType.ociManifest, /refused/],
    ['no JSON', '{', mediaType.ociManifest, /not JSON/],
    [
      'a huge index',
      { schemaVersion: 2, manifests: Array(1001).fill(good.config) },
      mediaType.ociIndex,
      /more than 1000/,
    ],
  ])('%s', (_, value, type, message) => {
    expect(() => parse(value, type)).toThrow(message);
  });
});

test('layers: gzip, zstd, plain and foreign ones; anything else is named', () => {
  expect(layerCompression(gzipLayer)).toBe('gzip');
  expect(layerCompression('application/vnd.oci.image.layer.v1.tar+zstd')).toBe('zstd');
  expect(layerCompression('application/vnd.oci.image.layer.v1.tar')).toBe('none');
  expect(layerCompression('application/vnd.docker.image.rootfs.diff.tar.gzip')).toBe('gzip');
  expect(() => layerCompression('application/vnd.wasm.content.layer.v1+wasm')).toThrow('vnd.wasm.content');
});
