/** Downloads that are under way. Whoever wants the same layer of the same registry joins, and the last to leave ends it. */
import { randomUUID } from 'node:crypto';
import type { LayerProgress } from './pull-progress';

export interface Landed {
  readonly diffId: string;
}

type Watcher = Pick<LayerProgress, 'status' | 'bytes'>;

interface Flight {
  readonly watchers: Set<Watcher>;
  readonly controller: AbortController;
  readonly landing: Promise<Landed>;
}

export class LayerFlights {
  private readonly flights = new Map<string, Flight>();

  /**
   * @param key what makes two downloads the same
   * @param start begins the download; its watcher speaks to everybody who has joined
   * @param signal leaves; the download itself is aborted when nobody is left
   */
  async join(
    key: string,
    watcher: Watcher,
    signal: AbortSignal,
    start: (watcher: Watcher, signal: AbortSignal) => Promise<Landed>,
  ): Promise<Landed> {
    signal.throwIfAborted();
    const known = this.flights.get(key);
    const flight = known ?? this.take(key, start);
    flight.watchers.add(watcher);
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        flight.watchers.delete(watcher);
        if (flight.watchers.size > 0) {
          reject(signal.reason as Error);
          return;
        }
        // The last one out waits for the landing: when it has failed, everything of it has been removed.
        if (this.flights.get(key) === flight) this.flights.delete(key);
        flight.controller.abort(signal.reason);
      };
    });
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([flight.landing, left]);
    } catch (error) {
      signal.throwIfAborted();
      if (known === undefined) throw error;
    } finally {
      signal.removeEventListener('abort', leave);
      flight.watchers.delete(watcher);
    }
    // Somebody else's download has failed, perhaps by that caller's own rights: once more by ourselves.
    return this.join(`${key} ${randomUUID()}`, watcher, signal, start);
  }

  private take(key: string, start: (watcher: Watcher, signal: AbortSignal) => Promise<Landed>): Flight {
    const watchers = new Set<Watcher>();
    const controller = new AbortController();
    const all: Watcher = {
      status: (status) => {
        for (const watcher of watchers) watcher.status(status);
      },
      bytes: (status, current, total) => {
        for (const watcher of watchers) watcher.bytes(status, current, total);
      },
    };
    const landing = start(all, controller.signal).finally(() => {
      if (this.flights.get(key) === flight) this.flights.delete(key);
    });
    const flight: Flight = { watchers, controller, landing };
    this.flights.set(key, flight);
    return flight;
  }
}
