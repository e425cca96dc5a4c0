import { jsonType } from './answer';
import type { Exchange } from './exchange';
import { filterKeys } from './filter-keys';
import type { Route } from './router';
import type { EventSource } from './services';

/** A watcher that does not read is cut off here, rather than remembered for ever. */
const maxWaitingBytes = 8 * 1024 * 1024;

/** Node's timers count milliseconds in 31 bits. */
const maxTimerMilliseconds = 2 ** 31 - 1;

export function eventRoutes(events: EventSource): Route[] {
  const watch = (exchange: Exchange) => {
    const { caller, query, response, signal, log } = exchange;
    const since = query.seconds('since');
    const until = query.seconds('until');
    const filters = query.filters(filterKeys.events);

    response.writeHead(200, { 'Content-Type': jsonType });
    response.flushHeaders();
    events.subscribe(caller, { since, until, filters, signal }, (event) => {
      if (response.writableEnded) return;
      response.write(`${JSON.stringify(event)}\n`);
      if (response.writableLength > maxWaitingBytes) {
        log.warn('a client does not read its events', { uid: caller.uid, pid: caller.pid });
        response.destroy();
      }
    });
    if (until !== undefined) endAt(until * 1000, exchange);
  };

  return [{ method: 'GET', pattern: '/events', handler: watch }];
}

/** Ends the stream at a moment (Unix milliseconds), at once when it has passed. */
function endAt(moment: number, exchange: Exchange): void {
  const left = moment - Date.now();
  if (left <= 0) {
    exchange.response.end();
    return;
  }
  const timer = setTimeout(() => endAt(moment, exchange), Math.min(left, maxTimerMilliseconds));
  exchange.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}
