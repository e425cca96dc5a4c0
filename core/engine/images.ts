import type { Readable } from 'node:stream';
import { z } from 'zod';
import * as wire from '../../protocol/docker';
import { BerthError, EngineRequestError } from '../error';
import type { Abortable } from './containers';
import type { EngineHttp } from './http';
import { jsonLines } from './json-lines';
import { encodeFilters, imagePath, type Filters } from './query';

export type OnProgress = (line: wire.ProgressLine) => void;

export interface PullOptions extends Abortable {
  /** `linux/arm64`; default: the engine's own. */
  readonly platform?: string | undefined;
  readonly auth?: wire.RegistryAuth | undefined;
  /** Called for every line but the error's, in order. */
  readonly onProgress?: OnProgress | undefined;
}

/** The value of `X-Registry-Auth`: URL-safe base64 of the JSON. */
export function encodeRegistryAuth(auth: wire.RegistryAuth | undefined): string {
  return Buffer.from(JSON.stringify(auth ?? {}))
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

export class Images {
  constructor(private readonly http: EngineHttp) {}

  list(options: Abortable & { all?: boolean; filters?: Filters } = {}): Promise<wire.ImageSummary[]> {
    return this.http.json(z.array(wire.imageSummary), {
      method: 'GET',
      path: '/images/json',
      query: { all: options.all, filters: encodeFilters(options.filters) },
      signal: options.signal,
    });
  }

  inspect(name: string, options: Abortable = {}): Promise<wire.ImageInspect> {
    return this.#get(wire.imageInspect, name, 'json', options.signal);
  }

  history(name: string, options: Abortable = {}): Promise<wire.ImageHistory[]> {
    return this.#get(z.array(wire.imageHistory), name, 'history', options.signal);
  }

  /** Which layers an image is made of, their sizes, and who else uses them. */
  layers(name: string, options: Abortable = {}): Promise<wire.ImageLayer[]> {
    return this.http.json(z.array(wire.imageLayer), {
      method: 'GET',
      path: `/berth/v1/images/${imagePath(name)}/layers`,
      signal: options.signal,
    });
  }

  /**
   * Downloads `reference` (a name, with tag or digest; without either: `latest`). Aborting the signal cancels the download in the helper.
   * @throws EngineRequestError also for a failure in the middle
   */
  async pull(reference: string, options: PullOptions = {}): Promise<void> {
    const { repository, tag } = splitReference(reference);
    const answer = await this.http.open({
      method: 'POST',
      path: '/images/create',
      query: { fromImage: repository, tag: tag ?? 'latest', platform: options.platform },
      headers: { 'X-Registry-Auth': encodeRegistryAuth(options.auth) },
      signal: options.signal,
    });
    await this.#progress(answer, options);
  }

  /** Makes a one-layer image of a tar stream; returns its id. `changes` are Dockerfile instructions (`CMD ["sh"]`). */
  async import(
    source: Readable,
    options: Abortable & {
      repository?: string | undefined;
      message?: string | undefined;
      changes?: readonly string[];
      platform?: string | undefined;
      onProgress?: OnProgress | undefined;
    } = {},
  ): Promise<string> {
    const answer = await this.http.open({
      method: 'POST',
      path: '/images/create',
      query: {
        fromSrc: '-',
        repo: options.repository,
        message: options.message,
        changes: options.changes,
        platform: options.platform,
      },
      headers: { 'Content-Type': 'application/x-tar' },
      body: source,
      signal: options.signal,
    });
    let id = '';
    await this.#progress(answer, {
      ...options,
      onProgress: (line) => {
        id = line.status ?? id;
        options.onProgress?.(line);
      },
    });
    return id;
  }

  async tag(source: string, target: string, options: Abortable = {}): Promise<void> {
    const { repository, tag } = splitReference(target);
    await this.http.done({
      method: 'POST',
      path: `/images/${imagePath(source)}/tag`,
      query: { repo: repository, tag },
      signal: options.signal,
    });
  }

  remove(
    name: string,
    options: Abortable & { force?: boolean; noPrune?: boolean } = {},
  ): Promise<wire.ImageDeleted[]> {
    return this.http.json(z.array(wire.imageDeleted), {
      method: 'DELETE',
      path: `/images/${imagePath(name)}`,
      query: { force: options.force, noprune: options.noPrune },
      signal: options.signal,
    });
  }

  prune(
    options: Abortable & { filters?: Filters } = {},
  ): Promise<{ ImagesDeleted?: wire.ImageDeleted[] | null | undefined; SpaceReclaimed: number }> {
    return this.http.json(
      z.object({ ImagesDeleted: z.array(wire.imageDeleted).nullish(), SpaceReclaimed: z.number() }),
      {
        method: 'POST',
        path: '/images/prune',
        query: { filters: encodeFilters(options.filters) },
        signal: options.signal,
      },
    );
  }

  async #progress(answer: Readable, options: PullOptions): Promise<void> {
    for await (const value of jsonLines(answer)) {
      const line = wire.progressLine.parse(value);
      const failure = line.errorDetail?.message ?? line.error;
      if (failure !== undefined) {
        answer.resume();
        throw new EngineRequestError(line.errorDetail?.code ?? 500, 'stream-error', failure);
      }
      options.onProgress?.(line);
    }
  }

  #get<T>(schema: z.ZodType<T>, name: string, noun: string, signal: AbortSignal | undefined): Promise<T> {
    return this.http.json(schema, { method: 'GET', path: `/images/${imagePath(name)}/${noun}`, signal });
  }
}

/**
 * `host:5000/a/b:tag` → `host:5000/a/b` and `tag`; a digest counts as the tag, as every Docker client sends it.
 * @throws BerthError for an empty name
 */
export function splitReference(reference: string): { repository: string; tag: string | undefined } {
  if (reference === '')
    throw new BerthError('An image name is empty', undefined, 'Give a name such as debian or debian:12.');
  const at = reference.indexOf('@');
  if (at !== -1) {
    return { repository: reference.slice(0, at).replace(/:[^:/]*$/, ''), tag: reference.slice(at + 1) };
  }
  const colon = reference.lastIndexOf(':');
  if (colon === -1 || reference.includes('/', colon)) return { repository: reference, tag: undefined };
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}
