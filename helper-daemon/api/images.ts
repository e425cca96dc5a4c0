import { authRequest } from '../../protocol/docker';
import { EngineError } from '../error';
import type { Exchange } from './exchange';
import { filterKeys } from './filter-keys';
import { answerWithProgress } from './progress-stream';
import { readRegistryAuth } from './registry-auth';
import type { Route } from './router';
import type { ImageService } from './services';
import { imageInspectFor, imageSummaryFor } from './version-fields';

/** Images, and logging in to registries. */
export function imageRoutes(images: ImageService): Route[] {
  const list = async (exchange: Exchange) => {
    const { caller, query, api } = exchange;
    const answer = await images.list(caller, {
      all: query.flag('all'),
      filters: query.filters(filterKeys.images),
    });
    exchange.json(
      200,
      answer.map((image) => imageSummaryFor(api, image)),
    );
  };

  const inspect = async (exchange: Exchange) => {
    const image = await images.inspect(exchange.caller, exchange.param('name'));
    exchange.json(200, imageInspectFor(exchange.api, image));
  };

  const history = async (exchange: Exchange) => {
    exchange.json(200, await images.history(exchange.caller, exchange.param('name')));
  };

  const tag = async (exchange: Exchange) => {
    const { caller, query } = exchange;
    const repo = query.text('repo');
    if (repo === undefined) throw new EngineError(400, 'bad-parameter', 'a tag needs repo, the name to give');
    await images.tag(caller, exchange.param('name'), repo, query.text('tag'));
    exchange.empty(201);
  };

  const remove = async (exchange: Exchange) => {
    const { caller, query } = exchange;
    const options = { force: query.flag('force'), noprune: query.flag('noprune') };
    exchange.json(200, await images.remove(caller, exchange.param('name'), options));
  };

  const prune = async (exchange: Exchange) => {
    exchange.json(200, await images.prune(exchange.caller, exchange.query.filters(filterKeys.imagePrune)));
  };

  const auth = async (exchange: Exchange) => {
    exchange.json(200, await images.auth(await exchange.body(authRequest), exchange.signal));
  };

  const pull = async (exchange: Exchange, fromImage: string) => {
    const { caller, query, request, signal } = exchange;
    const reference = pullReference(fromImage, query.text('tag'));
    const platform = query.text('platform');
    const credentials = readRegistryAuth(request.headers['x-registry-auth']);
    await answerWithProgress(exchange, (progress) =>
      images.pull(caller, { reference, platform, auth: credentials, signal }, progress),
    );
  };

  const importTar = async (exchange: Exchange, fromSrc: string) => {
    const { caller, query, request, signal } = exchange;
    if (fromSrc !== '-') {
      throw new EngineError(
        501,
        'not-implemented',
        `importing from the address "${fromSrc}" is not served: download it and import the file`,
      );
    }
    const source = {
      repo: query.text('repo'),
      tag: query.text('tag'),
      message: query.text('message'),
      changes: query.all('changes'),
      source: request,
      signal,
    };
    await answerWithProgress(exchange, async (progress) => {
      progress({ status: await images.importTar(caller, source, progress) });
    });
  };

  const create = async (exchange: Exchange) => {
    const fromImage = exchange.query.text('fromImage');
    const fromSrc = exchange.query.text('fromSrc');
    if (fromImage !== undefined) await pull(exchange, fromImage);
    else if (fromSrc !== undefined) await importTar(exchange, fromSrc);
    else
      throw new EngineError(
        400,
        'bad-parameter',
        'images/create needs fromImage (pull) or fromSrc=- (import)',
      );
  };

  return [
    { method: 'POST', pattern: '/auth', handler: auth },
    { method: 'POST', pattern: '/images/create', handler: create },
    { method: 'POST', pattern: '/images/prune', handler: prune },
    { method: 'GET', pattern: '/images/json', handler: list },
    { method: 'GET', pattern: '/images/{name*}/json', handler: inspect },
    { method: 'GET', pattern: '/images/{name*}/history', handler: history },
    { method: 'POST', pattern: '/images/{name*}/tag', handler: tag },
    { method: 'DELETE', pattern: '/images/{name*}', handler: remove },
  ];
}

/**
 * Docker splits a reference into `fromImage` and `tag`, and puts a digest into `tag` too.
 * Docker pulls every tag when there is none; here that is `latest`, as everywhere else.
 */
export function pullReference(fromImage: string, tag: string | undefined): string {
  if (tag === undefined) return fromImage;
  return tag.includes(':') ? `${fromImage}@${tag}` : `${fromImage}:${tag}`;
}
