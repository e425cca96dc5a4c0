/** The media types of images: OCI's, and Docker's older names for the same things. */
import { EngineError } from '../error';
import type { Compression } from '../storage/layer-trees';

export const mediaType = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
} as const;

export const isIndex = (type: string): boolean =>
  type === mediaType.ociIndex || type === mediaType.dockerIndex;
export const isManifest = (type: string): boolean =>
  type === mediaType.ociManifest || type === mediaType.dockerManifest;

const layerTypes = new Map<string, Compression>([
  ['application/vnd.oci.image.layer.v1.tar', 'none'],
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar', 'none'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.diff.tar', 'none'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'gzip'],
]);

/** @throws EngineError 400 `unsupported-media-type`: an artefact that is not a container image, or a compression of the future */
export function layerCompression(type: string): Compression {
  const compression = layerTypes.get(type);
  if (compression === undefined)
    throw new EngineError(
      400,
      'unsupported-media-type',
      `unsupported layer media type ${JSON.stringify(type)}: this is not a container image that Berth can run`,
    );
  return compression;
}
