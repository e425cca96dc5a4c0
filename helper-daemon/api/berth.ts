import { publishedPort, publishRequest } from '../../protocol/docker';
import { EngineError } from '../error';
import type { Exchange } from './exchange';
import { join } from './raw-stream';
import type { Route } from './router';
import type { Services } from './services';

/** `/berth/v1/…`: what Docker has no word for. */
export function berthRoutes({ containers, images, system }: Services): Route[] {
  const connect = async (exchange: Exchange) => {
    exchange.requireUpgrade();
    await exchange.optionsBeforeStream('stdin');
    const inner = await containers.connect(exchange.caller, exchange.param('id'), connectTarget(exchange));
    const client = exchange.rawStream('application/octet-stream');
    await join(client, inner, { stdin: true, framed: false }, exchange.log);
  };

  const publish = async (exchange: Exchange) => {
    const body = await exchange.body(publishRequest);
    exchange.json(201, await containers.publish(exchange.caller, exchange.param('id'), body));
  };

  const unpublish = async (exchange: Exchange) => {
    await containers.unpublish(exchange.caller, exchange.param('id'), await exchange.body(publishedPort));
    exchange.empty(204);
  };

  const trace = (exchange: Exchange) => {
    exchange.json(200, containers.trace(exchange.caller, exchange.param('id')));
  };

  const own = async (exchange: Exchange) => {
    exchange.json(200, await containers.own(exchange.caller, exchange.param('id')));
  };

  const layers = async (exchange: Exchange) => {
    exchange.json(200, await images.layers(exchange.caller, exchange.param('name')));
  };

  const doctor = async (exchange: Exchange) => {
    exchange.json(200, await system.doctor(exchange.caller));
  };

  const policy = (exchange: Exchange) => {
    const { uid, gid, admin } = exchange.caller;
    exchange.json(200, { Uid: uid, Gid: gid, Admin: admin });
  };

  return [
    { method: 'POST', pattern: '/berth/v1/containers/{id}/connect', handler: connect, upgrade: true },
    { method: 'POST', pattern: '/berth/v1/containers/{id}/ports', handler: publish },
    { method: 'DELETE', pattern: '/berth/v1/containers/{id}/ports', handler: unpublish },
    { method: 'GET', pattern: '/berth/v1/containers/{id}/trace', handler: trace },
    { method: 'POST', pattern: '/berth/v1/containers/{id}/own', handler: own },
    { method: 'GET', pattern: '/berth/v1/images/{name*}/layers', handler: layers },
    { method: 'GET', pattern: '/berth/v1/doctor', handler: doctor },
    { method: 'GET', pattern: '/berth/v1/policy', handler: policy },
  ];
}

function connectTarget(exchange: Exchange): { port: number } | { path: string } {
  const port = exchange.query.integer('port');
  const path = exchange.query.text('path');
  if (port !== undefined && path === undefined && port >= 1 && port <= 65_535) return { port };
  if (path?.startsWith('/') === true && port === undefined) return { path };
  throw new EngineError(
    400,
    'bad-parameter',
    'connect needs either port (1 to 65535) or path (of a unix socket, absolute)',
  );
}
