import type { ImageInspect } from '../../protocol/docker';
import type { EngineClient } from '../engine/client';
import { EngineRequestError } from '../error';
import type { Report } from './progress';

/** The image, pulled if it is not here. Rejects with the helper's own words if it cannot be had. */
export async function ensureImage(
  engine: EngineClient,
  image: string,
  platform: string | undefined,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<ImageInspect & { readonly pulled: boolean }> {
  try {
    return { ...(await engine.images.inspect(image, { signal })), pulled: false };
  } catch (error) {
    if (!(error instanceof EngineRequestError && error.status === 404)) throw error;
  }
  await engine.images.pull(image, { platform, signal, onProgress: (line) => report({ kind: 'pull', line }) });
  return { ...(await engine.images.inspect(image, { signal })), pulled: true };
}
