/** The directory store: a layer is a tree of files, made and removed by confined children of the warden. */
import { EngineError } from '../error';
import type { Warden } from '../warden/verbs';
import { WardenError, hasCode } from '../warden/warden-error';
import { explainDiskFull } from './disk-error';
import type { LayerTrees } from './layer-trees';

export function directoryLayers(
  warden: Pick<Warden, 'unpack' | 'commitTree' | 'removeTree' | 'usage'>,
): LayerTrees {
  return {
    unpack: (path, readFd, limits) => explained(warden.unpack(path, limits, readFd)),
    commit: (from, to) => explained(warden.commitTree(from, to)),
    remove: (path) => explained(warden.removeTree(path)),
    usage: (path) => explained(warden.usage(path)),
  };
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'layer-invalid'))
      throw new EngineError(400, 'layer-invalid', `failed to register layer: ${error.message}`, {
        cause: error,
      });
    if (hasCode(error, 'layer-too-large')) {
      throw new EngineError(
        400,
        'layer-too-large',
        `failed to register layer: ${error.message}. Berth refuses layers beyond its limits, since a small download can be made to fill any disk.`,
        { cause: error },
      );
    }
    const explanation = explainDiskFull(error, 'failed to register layer');
    if (explanation === error && error instanceof WardenError)
      throw new EngineError(500, 'layer-store', `failed to register layer: ${error.message}`, {
        cause: error,
      });
    throw explanation;
  }
}
