import type { CommandContext } from '../command';
import { credentialsFor } from '../credentials/docker-config';
import { parseReference } from './reference';
import { progressView } from './progress';

/** Downloads an image with the user's stored credentials, progress going to `out` (nothing if undefined). */
export async function pullImage(
  context: CommandContext,
  name: string,
  options: {
    readonly platform: string | undefined;
    readonly out: CommandContext['err'] | undefined;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const reference = parseReference(name);
  const auth = await credentialsFor(reference.registry, context.environment);
  const view = options.out === undefined ? undefined : progressView(options.out);
  await context.client.images.pull(name, {
    platform: options.platform,
    auth,
    signal: options.signal ?? context.signal,
    onProgress: (line) => view?.show(line),
  });
}
