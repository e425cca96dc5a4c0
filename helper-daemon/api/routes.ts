import { berthRoutes } from './berth';
import { containerStreamRoutes } from './container-streams';
import { containerRoutes } from './containers';
import { eventRoutes } from './events';
import { execRoutes } from './exec';
import { imageRoutes } from './images';
import { networkRoutes } from './networks';
import { refusalRoutes } from './refusals';
import type { Route } from './router';
import type { Services } from './services';
import { systemRoutes } from './system';
import { volumeRoutes } from './volumes';

/** Every endpoint there is. The first pattern that fits counts, so refusals, which are the widest, come last. */
export function routes(services: Services): Route[] {
  return [
    ...systemRoutes(services.system),
    ...eventRoutes(services.events),
    ...containerRoutes(services.containers),
    ...containerStreamRoutes(services.containers),
    ...execRoutes(services.containers),
    ...imageRoutes(services.images),
    ...networkRoutes(services.networks),
    ...volumeRoutes(services.volumes),
    ...berthRoutes(services),
    ...refusalRoutes(),
  ];
}
