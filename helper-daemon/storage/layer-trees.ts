import type { Addon, LayerStreamOptions } from '../warden/addon';

/**
 * The seam between the layer store, which knows digests, rows and leases, and the form that a layer has on the disk.
 *
 * A layer is named by a path beneath `ROOT/layers`. What is at that path is the implementation's own business: in the directory store it is a
 * tree of files, made by a confined child of the warden; a store that writes one EROFS image per layer implements the same four calls with a
 * file at that path, and `LayerStore.path()` is then what the warden mounts instead of what it unites. Three promises hold for every implementation:
 *
 * 1. `unpack` reads the uncompressed tar to its end, trailing blocks included, so that the writer's digest is over the whole stream. If it fails,
 *    nothing is left at `path`.
 * 2. After `commit` has answered, the content is on the disk (synced) under its final name. Committing onto a name that exists removes
 *    the new copy and succeeds: the same name means the same content.
 * 3. Hostile archives are its problem alone: no entry gets outside of `path`, limits are kept, whiteouts are converted and never applied.
 */
export interface LayerTrees {
  /**
   * @param path beneath `ROOT/layers`; must not exist
   * @param readFd read end of a pipe; stays the caller's, who closes it when the promise has settled
   * @throws EngineError: 400 `layer-invalid` or `layer-too-large`, 507 `disk-full`
   */
  unpack(path: string, readFd: number, limits: LayerLimits): Promise<LayerTotals>;
  /** Makes it durable and gives it its final name in the same directory. */
  commit(from: string, to: string): Promise<void>;
  /** Missing is success. @returns the bytes that became free */
  remove(path: string): Promise<number>;
  usage(path: string): Promise<LayerTotals>;
}

export interface LayerLimits {
  /** Bytes of file content. */
  readonly bytes: number;
  readonly entries: number;
}

export interface LayerTotals {
  readonly bytes: number;
  readonly entries: number;
}

/** What the layer store needs of the native addon. */
export type LayerAddon = Pick<Addon, 'pipe' | 'closeFd' | 'LayerStream'>;

export type Compression = LayerStreamOptions['compression'];
