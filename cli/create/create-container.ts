import { writeFileSync } from 'node:fs';
import { EngineRequestError } from '../../core/error';
import type { ContainerCreate } from '../../protocol/docker';
import type { CommandContext } from '../command';
import { familiarName, parseReference } from '../pull/reference';
import { pullImage } from '../pull/pull-image';
import { UsageError } from '../command-line/usage-error';
import type { CreateValues } from './values';

export interface Creation {
  readonly id: string;
  /** Milliseconds the download took, undefined when the image was here. */
  readonly pulledIn: number | undefined;
  /** Milliseconds of the create call itself. */
  readonly createdIn: number;
}

/** Creates the container, downloading its image first when `--pull` says so or it is not here. Messages go to stderr. */
export async function createContainer(
  context: CommandContext,
  flags: CreateValues,
  body: ContainerCreate,
): Promise<Creation> {
  const image = body.Image ?? '';
  if (image === '') throw new UsageError('invalid reference format: the image name is empty', 125);
  if (flags.cidfile !== undefined) claimIdFile(flags.cidfile);
  const pull = async () => {
    const before = performance.now();
    await pullImage(context, image, { platform: flags.platform, out: flags.quiet ? undefined : context.err });
    return performance.now() - before;
  };
  let pulledIn = flags.pull === 'always' ? await pull() : undefined;
  const create = async () => {
    const before = performance.now();
    const answer = await context.client.containers.create(body, {
      name: flags.name,
      platform: flags.platform,
      signal: context.signal,
    });
    for (const warning of answer.Warnings) context.err.write(`WARNING: ${warning}\n`);
    return { id: answer.Id, createdIn: performance.now() - before };
  };
  let created: { id: string; createdIn: number };
  try {
    created = await create();
  } catch (error) {
    if (!isMissingImage(error) || flags.pull !== 'missing') throw error;
    if (!flags.quiet)
      context.err.write(`Unable to find image '${familiarName(parseReference(image))}' locally\n`);
    pulledIn = await pull();
    created = await create();
  }
  if (flags.cidfile !== undefined) writeFileSync(flags.cidfile, created.id);
  return { ...created, pulledIn };
}

function isMissingImage(error: unknown): boolean {
  if (!(error instanceof EngineRequestError) || error.status !== 404) return false;
  return error.code === 'no-such-image' || /no such image/i.test(error.message);
}

/** Made now, so that a file that cannot be written is known before there is a container. */
function claimIdFile(path: string): void {
  try {
    writeFileSync(path, '', { flag: 'wx' });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const why = exists
      ? 'container ID file found, make sure the other container isn’t running or delete it'
      : error instanceof Error
        ? error.message
        : String(error);
    throw new UsageError(`cannot use --cidfile ${path}: ${why}`, 125);
  }
}
