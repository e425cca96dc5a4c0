/** An image's configuration: what it is (platform, layers, history) and how it is run. Its digest is the image's id. */
import { z } from 'zod';
import { imageConfig as runConfig } from '../../protocol/docker';
import { EngineError } from '../error';
import { digestPattern } from '../storage/digest';
import { maxLayers, parseJson } from './manifest';

const history = z.object({
  created: z.string().nullish(),
  created_by: z.string().nullish(),
  comment: z.string().nullish(),
  author: z.string().nullish(),
  empty_layer: z.boolean().nullish(),
});

export const configuration = z.object({
  architecture: z.string(),
  os: z.string(),
  variant: z.string().optional(),
  created: z.string().nullish(),
  author: z.string().nullish(),
  comment: z.string().nullish(),
  config: runConfig.nullish(),
  rootfs: z.object({
    type: z.literal('layers'),
    diff_ids: z.array(z.string().regex(digestPattern)).max(maxLayers),
  }),
  history: z.array(history).max(2000).nullish(),
});
export type Configuration = z.output<typeof configuration>;

/** @throws EngineError 400 `config-invalid` */
export function parseConfiguration(bytes: Buffer): Configuration {
  return parseJson(
    configuration,
    bytes,
    (why) => new EngineError(400, 'config-invalid', `the image's configuration is refused: ${why}`),
  );
}

/** Unix seconds; 0 when the image does not say. */
export function createdSeconds(created: string | null | undefined): number {
  const milliseconds = Date.parse(created ?? '');
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

/** The instruction that made each layer, bottom first; '' where the history does not tell. */
export function layerInstructions({ history: entries, rootfs }: Configuration): string[] {
  const withLayer = (entries ?? []).filter((entry) => entry.empty_layer !== true);
  return rootfs.diff_ids.map((_, at) => withLayer[at]?.created_by ?? '');
}
