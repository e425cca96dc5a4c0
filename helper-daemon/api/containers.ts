import { containerCreate, containerUpdate } from '../../protocol/docker';
import { EngineError } from '../error';
import { filterKeys } from './filter-keys';
import type { Exchange } from './exchange';
import type { Route } from './router';
import type { ContainerService } from './services';
import { containerInspectFor } from './version-fields';

/** Everything about containers that is a question and an answer; streams are in container-streams.ts. */
export function containerRoutes(containers: ContainerService): Route[] {
  const create = async (exchange: Exchange) => {
    const { caller, query } = exchange;
    const body = await exchange.body(containerCreate);
    const created = await containers.create(caller, query.text('name'), query.text('platform'), body);
    exchange.json(201, created);
  };

  const list = async (exchange: Exchange) => {
    const { caller, query } = exchange;
    const limit = query.integer('limit') ?? 0;
    const answer = await containers.list(caller, {
      // A limit means "the newest, running or not", as with Docker.
      all: query.flag('all') || limit > 0,
      limit,
      size: query.flag('size'),
      filters: query.filters(filterKeys.containers),
    });
    exchange.json(200, answer);
  };

  const inspect = async (exchange: Exchange) => {
    const container = await containers.inspect(
      exchange.caller,
      exchange.param('id'),
      exchange.query.flag('size'),
    );
    exchange.json(200, containerInspectFor(exchange.api, container));
  };

  const start = async (exchange: Exchange) => {
    const outcome = await containers.start(exchange.caller, exchange.param('id'));
    exchange.empty(outcome === 'already-started' ? 304 : 204);
  };

  const stop = async (exchange: Exchange) => {
    const { caller, query } = exchange;
    const signal = query.text('signal');
    const outcome = await containers.stop(caller, exchange.param('id'), query.integer('t'), signal);
    exchange.empty(outcome === 'already-stopped' ? 304 : 204);
  };

  const restart = async (exchange: Exchange) => {
    await containers.restart(exchange.caller, exchange.param('id'), exchange.query.integer('t'));
    exchange.empty(204);
  };

  const kill = async (exchange: Exchange) => {
    await containers.kill(exchange.caller, exchange.param('id'), exchange.query.text('signal'));
    exchange.empty(204);
  };

  const pause = async (exchange: Exchange) => {
    await containers.pause(exchange.caller, exchange.param('id'));
    exchange.empty(204);
  };

  const unpause = async (exchange: Exchange) => {
    await containers.unpause(exchange.caller, exchange.param('id'));
    exchange.empty(204);
  };

  const rename = async (exchange: Exchange) => {
    const name = exchange.query.text('name');
    if (name === undefined)
      throw new EngineError(400, 'bad-parameter', 'Neither old nor new names may be empty');
    await containers.rename(exchange.caller, exchange.param('id'), name);
    exchange.empty(204);
  };

  const update = async (exchange: Exchange) => {
    const body = await exchange.body(containerUpdate);
    exchange.json(200, await containers.update(exchange.caller, exchange.param('id'), body));
  };

  const remove = async (exchange: Exchange) => {
    const { caller, query } = exchange;
    if (query.flag('link')) {
      throw new EngineError(
        501,
        'not-implemented',
        'legacy container links are not served: use a network and its aliases',
      );
    }
    await containers.remove(caller, exchange.param('id'), {
      force: query.flag('force'),
      volumes: query.flag('v'),
    });
    exchange.empty(204);
  };

  const resize = async (exchange: Exchange) => {
    const { height, width } = terminalSize(exchange);
    await containers.resize(exchange.caller, exchange.param('id'), height, width);
    exchange.empty(200);
  };

  const top = async (exchange: Exchange) => {
    const psArgs = exchange.query.text('ps_args') ?? '-ef';
    exchange.json(200, await containers.top(exchange.caller, exchange.param('id'), psArgs));
  };

  const prune = async (exchange: Exchange) => {
    exchange.json(200, await containers.prune(exchange.caller, exchange.query.filters(filterKeys.prune)));
  };

  return [
    { method: 'POST', pattern: '/containers/create', handler: create },
    { method: 'POST', pattern: '/containers/prune', handler: prune },
    { method: 'GET', pattern: '/containers/json', handler: list },
    { method: 'GET', pattern: '/containers/{id}/json', handler: inspect },
    { method: 'POST', pattern: '/containers/{id}/start', handler: start },
    { method: 'POST', pattern: '/containers/{id}/stop', handler: stop },
    { method: 'POST', pattern: '/containers/{id}/restart', handler: restart },
    { method: 'POST', pattern: '/containers/{id}/kill', handler: kill },
    { method: 'POST', pattern: '/containers/{id}/pause', handler: pause },
    { method: 'POST', pattern: '/containers/{id}/unpause', handler: unpause },
    { method: 'POST', pattern: '/containers/{id}/rename', handler: rename },
    { method: 'POST', pattern: '/containers/{id}/update', handler: update },
    { method: 'POST', pattern: '/containers/{id}/resize', handler: resize },
    { method: 'GET', pattern: '/containers/{id}/top', handler: top },
    { method: 'DELETE', pattern: '/containers/{id}', handler: remove },
  ];
}

/** `h` and `w` of a resize: rows and columns. */
export function terminalSize(exchange: Exchange): { height: number; width: number } {
  const height = exchange.query.integer('h');
  const width = exchange.query.integer('w');
  if (
    height === undefined ||
    width === undefined ||
    height < 0 ||
    width < 0 ||
    height > 65_535 ||
    width > 65_535
  ) {
    throw new EngineError(
      400,
      'bad-parameter',
      'a resize needs h (rows) and w (columns), whole numbers below 65536',
    );
  }
  return { height, width };
}
