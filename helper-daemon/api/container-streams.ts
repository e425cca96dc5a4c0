import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerStats } from '../../protocol/docker';
import { EngineError } from '../error';
import { jsonType } from './answer';
import type { ApiMinor } from './api-version';
import type { Exchange } from './exchange';
import { join } from './raw-stream';
import type { Route } from './router';
import type { ContainerService, WaitCondition } from './services';

const rawType = 'application/vnd.docker.raw-stream';
const multiplexedType = 'application/vnd.docker.multiplexed-stream';

/** Of the bytes that follow: a terminal's, or stdcopy frames, which have had a name of their own since 1.42. */
export const streamType = (tty: boolean, api: ApiMinor) => (tty || api < 42 ? rawType : multiplexedType);

const samplePauseMilliseconds = 1000;

/** Attach, logs, wait and stats of containers. */
export function containerStreamRoutes(containers: ContainerService): Route[] {
  const attach = async (exchange: Exchange) => {
    const { caller, query, log } = exchange;
    // dockerode repeats its options here; they are not stdin.
    await exchange.optionsBeforeStream('stdin');
    const stdin = query.flag('stdin');
    const attached = await containers.attach(caller, exchange.param('id'), {
      stdin,
      stdout: query.flag('stdout'),
      stderr: query.flag('stderr'),
      logs: query.flag('logs'),
      stream: query.flag('stream'),
      detachKeys: query.text('detachKeys'),
    });
    const client = exchange.rawStream(streamType(attached.tty, exchange.api));
    await join(client, attached.stream, { stdin, framed: !attached.tty }, log);
  };

  const logs = async (exchange: Exchange) => {
    const { caller, query, response, signal, log } = exchange;
    const stdout = query.flag('stdout');
    const stderr = query.flag('stderr');
    if (!stdout && !stderr) {
      throw new EngineError(400, 'bad-parameter', 'Bad parameters: you must choose at least one stream');
    }
    const tail = query.text('tail') ?? 'all';
    const { tty, stream } = await containers.logs(caller, exchange.param('id'), {
      stdout,
      stderr,
      follow: query.flag('follow'),
      timestamps: query.flag('timestamps'),
      tail: /^\d{1,15}$/.test(tail) ? Number(tail) : 'all',
      since: query.seconds('since') ?? 0,
      until: query.seconds('until') || undefined,
      signal,
    });
    response.writeHead(200, { 'Content-Type': streamType(tty, exchange.api) });
    response.flushHeaders();
    try {
      await pipeline(stream, response);
    } catch (error) {
      log.debug('logs ended early', { error: error instanceof Error ? error.message : String(error) });
      response.destroy();
    }
  };

  const wait = async (exchange: Exchange) => {
    const { caller, query, response, signal } = exchange;
    const { exit } = containers.wait(
      caller,
      exchange.param('id'),
      waitCondition(query.text('condition')),
      signal,
    );
    // The docker CLI starts the container only when it has seen these.
    response.writeHead(200, { 'Content-Type': jsonType });
    response.flushHeaders();
    try {
      response.end(`${JSON.stringify(await exit)}\n`);
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      response.end(`${JSON.stringify({ StatusCode: -1, Error: { Message: message } })}\n`);
    }
  };

  const stats = async (exchange: Exchange) => {
    const { caller, query, response, signal } = exchange;
    const id = exchange.param('id');
    const first = await containers.stats(caller, id, undefined);
    const streamed = query.text('stream') === undefined || query.flag('stream');
    if (!streamed) {
      if (!query.flag('one-shot')) await delay(samplePauseMilliseconds, undefined, { signal });
      exchange.json(200, query.flag('one-shot') ? first : await containers.stats(caller, id, first));
      return;
    }
    response.writeHead(200, { 'Content-Type': jsonType });
    let sample: ContainerStats = first;
    try {
      for (;;) {
        if (!response.write(`${JSON.stringify(sample)}\n`)) await drained(exchange);
        await delay(samplePauseMilliseconds, undefined, { signal });
        sample = await containers.stats(caller, id, sample);
      }
    } catch (error) {
      // The container was removed, or the client has seen enough; both end the stream.
      if (!(error instanceof EngineError) && !signal.aborted) throw error;
      response.end();
    }
  };

  return [
    { method: 'POST', pattern: '/containers/{id}/attach', handler: attach, upgrade: true },
    { method: 'GET', pattern: '/containers/{id}/logs', handler: logs },
    { method: 'POST', pattern: '/containers/{id}/wait', handler: wait },
    { method: 'GET', pattern: '/containers/{id}/stats', handler: stats },
  ];
}

function waitCondition(text: string | undefined): WaitCondition {
  if (text === undefined) return 'not-running';
  if (text === 'not-running' || text === 'next-exit' || text === 'removed') return text;
  throw new EngineError(400, 'bad-parameter', `invalid condition: "${text}"`);
}

function drained(exchange: Exchange): Promise<void> {
  return new Promise((resolve, reject) => {
    exchange.response.once('drain', resolve);
    exchange.signal.addEventListener('abort', () => reject(new Error('the client went away')), {
      once: true,
    });
  });
}
