import { networkConnect, networkCreate, networkDisconnect } from '../../protocol/docker';
import type { Exchange } from './exchange';
import { filterKeys } from './filter-keys';
import type { Route } from './router';
import type { NetworkService } from './services';

export function networkRoutes(networks: NetworkService): Route[] {
  const list = async (exchange: Exchange) => {
    exchange.json(200, await networks.list(exchange.caller, exchange.query.filters(filterKeys.networks)));
  };

  const inspect = async (exchange: Exchange) => {
    exchange.json(200, await networks.inspect(exchange.caller, exchange.param('id')));
  };

  const create = async (exchange: Exchange) => {
    exchange.json(201, await networks.create(exchange.caller, await exchange.body(networkCreate)));
  };

  const remove = async (exchange: Exchange) => {
    await networks.remove(exchange.caller, exchange.param('id'));
    exchange.empty(204);
  };

  const connect = async (exchange: Exchange) => {
    await networks.connect(exchange.caller, exchange.param('id'), await exchange.body(networkConnect));
    exchange.empty(200);
  };

  const disconnect = async (exchange: Exchange) => {
    await networks.disconnect(exchange.caller, exchange.param('id'), await exchange.body(networkDisconnect));
    exchange.empty(200);
  };

  const prune = async (exchange: Exchange) => {
    exchange.json(200, await networks.prune(exchange.caller, exchange.query.filters(filterKeys.prune)));
  };

  return [
    { method: 'GET', pattern: '/networks', handler: list },
    { method: 'POST', pattern: '/networks/create', handler: create },
    { method: 'POST', pattern: '/networks/prune', handler: prune },
    { method: 'GET', pattern: '/networks/{id}', handler: inspect },
    { method: 'DELETE', pattern: '/networks/{id}', handler: remove },
    { method: 'POST', pattern: '/networks/{id}/connect', handler: connect },
    { method: 'POST', pattern: '/networks/{id}/disconnect', handler: disconnect },
  ];
}
