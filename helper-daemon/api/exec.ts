import { execCreate, execStart } from '../../protocol/docker';
import { streamType } from './container-streams';
import { terminalSize } from './containers';
import type { Exchange } from './exchange';
import { join } from './raw-stream';
import { parseJson } from './request-body';
import type { Route } from './router';
import type { ContainerService } from './services';

/** Processes started in a running container. */
export function execRoutes(containers: ContainerService): Route[] {
  const create = async (exchange: Exchange) => {
    const body = await exchange.body(execCreate);
    exchange.json(201, await containers.execCreate(exchange.caller, exchange.param('id'), body));
  };

  const start = async (exchange: Exchange) => {
    const { caller, api, log } = exchange;
    const id = exchange.param('id');
    const body = parseJson(execStart, await exchange.optionsBeforeStream('options-then-stdin'));
    const started = await containers.execStart(caller, id, body);
    if (started === 'detached') {
      exchange.empty(200);
      return;
    }
    const stdin = containers.execInspect(caller, id).OpenStdin;
    const client = exchange.rawStream(streamType(started.tty, api));
    await join(client, started.stream, { stdin, framed: !started.tty }, log);
  };

  const resize = async (exchange: Exchange) => {
    const { height, width } = terminalSize(exchange);
    await containers.execResize(exchange.caller, exchange.param('id'), height, width);
    exchange.empty(200);
  };

  const inspect = (exchange: Exchange) => {
    exchange.json(200, containers.execInspect(exchange.caller, exchange.param('id')));
  };

  return [
    { method: 'POST', pattern: '/containers/{id}/exec', handler: create },
    { method: 'POST', pattern: '/exec/{id}/start', handler: start, upgrade: true },
    { method: 'POST', pattern: '/exec/{id}/resize', handler: resize },
    { method: 'GET', pattern: '/exec/{id}/json', handler: inspect },
  ];
}
