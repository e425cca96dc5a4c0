import type { Duplex } from 'node:stream';

/**
 * How bytes reach a helper: a unix socket here, later a channel of an SSH connection to a VM or another host.
 * Each call opens a new, independent byte stream that allows half-close (`end()` leaves the other direction open).
 */
export interface Transport {
  /** Rejects with EngineUnavailableError; an aborted signal rejects with its reason. */
  connect(signal?: AbortSignal): Promise<Duplex>;
  /** For messages to the user: `unix:///run/berth/berth.sock`. */
  describe(): string;
}
