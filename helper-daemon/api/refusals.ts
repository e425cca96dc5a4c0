import { EngineError, type ErrorStatus } from '../error';
import type { Handler, Method, Route } from './router';

/**
 * Endpoints of the Docker Engine API that this helper answers without doing: each with a status and a sentence, so that no
 * client hangs, guesses or shows HTML.
 */
const refuse =
  (status: ErrorStatus, code: string, message: string): Handler =>
  () => {
    throw new EngineError(status, code, message);
  };

const notServed = (what: string) =>
  refuse(501, 'not-implemented', `${what} is not served by this version of Berth`);

const swarm = refuse(
  503,
  'no-swarm',
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
);

const everyMethod: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];
const all = (pattern: string, handler: Handler): Route[] =>
  everyMethod.map((method) => ({ method, pattern, handler }));

export function refusalRoutes(): Route[] {
  const archive = notServed('copying files in and out of containers');
  const checkpoints = notServed('checkpointing');
  const plugins = notServed('installing plugins');
  return [
    { method: 'POST', pattern: '/build', handler: notServed('building images') },
    // Nothing is ever built here, so nothing is left to prune: `docker system prune` asks.
    {
      method: 'POST',
      pattern: '/build/prune',
      handler: (exchange) => exchange.json(200, { CachesDeleted: null, SpaceReclaimed: 0 }),
    },
    { method: 'POST', pattern: '/commit', handler: notServed('committing containers') },
    {
      method: 'GET',
      pattern: '/containers/{id}/changes',
      handler: notServed('listing the changes of a container'),
    },
    { method: 'GET', pattern: '/containers/{id}/export', handler: notServed('exporting containers') },
    { method: 'GET', pattern: '/containers/{id}/attach/ws', handler: notServed('attaching by WebSocket') },
    { method: 'HEAD', pattern: '/containers/{id}/archive', handler: archive },
    { method: 'GET', pattern: '/containers/{id}/archive', handler: archive },
    { method: 'PUT', pattern: '/containers/{id}/archive', handler: archive },
    ...all('/containers/{id}/checkpoints', checkpoints),
    ...all('/containers/{id}/checkpoints/{name}', checkpoints),
    { method: 'GET', pattern: '/images/search', handler: notServed('searching registries') },
    { method: 'GET', pattern: '/images/get', handler: notServed('saving images') },
    { method: 'GET', pattern: '/images/{name*}/get', handler: notServed('saving images') },
    { method: 'POST', pattern: '/images/load', handler: notServed('loading images') },
    { method: 'POST', pattern: '/images/{name*}/push', handler: notServed('pushing images') },
    {
      method: 'GET',
      pattern: '/distribution/{name*}/json',
      handler: notServed('asking a registry about an image'),
    },
    // buildx takes this 404 for "use the container driver".
    { method: 'POST', pattern: '/session', handler: refuse(404, 'no-such-route', 'page not found') },
    { method: 'POST', pattern: '/grpc', handler: refuse(404, 'no-such-route', 'page not found') },
    { method: 'GET', pattern: '/plugins', handler: (exchange) => exchange.json(200, []) },
    {
      method: 'GET',
      pattern: '/plugins/{name*}/json',
      handler: (exchange) => {
        throw new EngineError(404, 'no-such-plugin', `plugin "${exchange.param('name')}" not found`);
      },
    },
    ...all('/plugins/{name*}', plugins),
    ...['swarm', 'nodes', 'services', 'tasks', 'secrets', 'configs'].flatMap((family) => [
      ...all(`/${family}`, swarm),
      ...all(`/${family}/{name*}`, swarm),
    ]),
  ];
}
