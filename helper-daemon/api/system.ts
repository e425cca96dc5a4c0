import type { DiskUsage } from '../../protocol/docker';
import { EngineError } from '../error';
import type { Exchange } from './exchange';
import type { Route } from './router';
import type { SystemService } from './services';

/** What `type` of `/system/df` leaves in, by the name of the kind. */
const kinds = new Map<string, (keyof DiskUsage)[]>([
  ['container', ['Containers']],
  ['image', ['Images', 'LayersSize']],
  ['volume', ['Volumes']],
  ['build-cache', ['BuildCache']],
]);

export function systemRoutes(system: SystemService): Route[] {
  const ping = (exchange: Exchange) => {
    const { response, request } = exchange;
    const text = request.method === 'HEAD' ? '' : 'OK';
    response.writeHead(200, {
      'Builder-Version': '1',
      Swarm: 'inactive',
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      Pragma: 'no-cache',
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': text.length,
    });
    response.end(text);
  };

  const version = (exchange: Exchange) => {
    exchange.json(200, system.version());
  };

  const info = async (exchange: Exchange) => {
    exchange.json(200, await system.info(exchange.caller));
  };

  const diskUsage = async (exchange: Exchange) => {
    const wanted = exchange.query.all('type').flatMap((type) => {
      const fields = kinds.get(type);
      if (fields === undefined) throw new EngineError(400, 'bad-parameter', `unknown object type: ${type}`);
      return fields;
    });
    const usage = await system.diskUsage(exchange.caller);
    const shown = Object.entries(usage).filter(
      ([key]) => wanted.length === 0 || wanted.some((field) => field === key),
    );
    exchange.json(200, Object.fromEntries(shown));
  };

  return [
    { method: 'GET', pattern: '/_ping', handler: ping },
    { method: 'HEAD', pattern: '/_ping', handler: ping },
    { method: 'GET', pattern: '/version', handler: version },
    { method: 'GET', pattern: '/info', handler: info },
    { method: 'GET', pattern: '/system/df', handler: diskUsage },
  ];
}
