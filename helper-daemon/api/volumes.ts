import { volumeCreate } from '../../protocol/docker';
import { EngineError } from '../error';
import type { Exchange } from './exchange';
import { filterKeys } from './filter-keys';
import type { Route } from './router';
import type { VolumeService } from './services';

export function volumeRoutes(volumes: VolumeService): Route[] {
  const list = async (exchange: Exchange) => {
    exchange.json(200, await volumes.list(exchange.caller, exchange.query.filters(filterKeys.volumes)));
  };

  const create = async (exchange: Exchange) => {
    exchange.json(201, await volumes.create(exchange.caller, await exchange.body(volumeCreate)));
  };

  const inspect = async (exchange: Exchange) => {
    exchange.json(200, await volumes.inspect(exchange.caller, exchange.param('name')));
  };

  const remove = async (exchange: Exchange) => {
    await volumes.remove(exchange.caller, exchange.param('name'), exchange.query.flag('force'));
    exchange.empty(204);
  };

  const prune = async (exchange: Exchange) => {
    const filters = new Map(exchange.query.filters(filterKeys.volumePrune));
    // Before 1.42 there was no difference between anonymous and named volumes.
    if (exchange.api < 42) filters.set('all', ['true']);
    exchange.json(200, await volumes.prune(exchange.caller, filters));
  };

  const update = () => {
    throw new EngineError(
      501,
      'not-implemented',
      'only cluster volumes can be updated, and there is no cluster here',
    );
  };

  return [
    { method: 'GET', pattern: '/volumes', handler: list },
    { method: 'POST', pattern: '/volumes/create', handler: create },
    { method: 'POST', pattern: '/volumes/prune', handler: prune },
    { method: 'GET', pattern: '/volumes/{name}', handler: inspect },
    { method: 'PUT', pattern: '/volumes/{name}', handler: update },
    { method: 'DELETE', pattern: '/volumes/{name}', handler: remove },
  ];
}
