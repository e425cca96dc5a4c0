import { z } from 'zod';

/** One layer of an image, bottom first in a list. */
export const imageLayer = z.object({
  /** Of the blob as the registry serves it; absent for a layer that never was in one. */
  Digest: z.string().optional(),
  /** Of the uncompressed archive. */
  DiffId: z.string(),
  ChainId: z.string(),
  /** Bytes, compressed; absent with `Digest`. */
  CompressedSize: z.number().optional(),
  /** Bytes, unpacked. */
  Size: z.number(),
  /** The instruction that made it. */
  CreatedBy: z.string(),
});
export type ImageLayer = z.output<typeof imageLayer>;
