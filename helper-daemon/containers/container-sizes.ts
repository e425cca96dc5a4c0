/** How much room a container takes on the disk. */
import type { Warden } from '../warden/verbs';
import type { Container } from './container';
import type { Instance } from './instance';

export interface Sizes {
  /** Bytes of the writable layer. */
  readonly rw: number;
  /** Together with the image. */
  readonly rootFs: number;
}

export async function containerSizes(
  container: Container,
  parts: { readonly warden: Warden; readonly instance: Instance },
): Promise<Sizes> {
  const { warden, instance } = parts;
  const rw = await warden.usage(`${instance.containerDirectory(container.id)}/rw/u`);
  const layers = await Promise.all(container.record.layers.map((layer) => warden.usage(layer)));
  return { rw: rw.bytes, rootFs: layers.reduce((sum, layer) => sum + layer.bytes, rw.bytes) };
}
