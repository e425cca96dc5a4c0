import type { Duplex, Readable, Writable } from 'node:stream';
import type { Log } from '../log';

/** The client's side of a raw stream: an upgraded socket is both ends, without an upgrade they are request and response. */
export interface ClientStream {
  readonly input: Readable;
  readonly output: Writable;
  /** Cuts the connection. */
  destroy(): void;
  /** When the client can take the first byte; absent = now. */
  readonly ready?: Promise<void> | undefined;
  /** Fails the output when the client is wholly gone; for connections that show a half-close and a close alike. */
  probe?(): void;
}

/**
 * How often a client that has closed its half is asked whether it is still there. A reader sees the end of input in both
 * cases, and the event loop offers nothing to tell them apart; only a write does.
 */
const probeMilliseconds = 15_000;

/** How long a client may keep its half open after everything has been sent. It has nothing to say any more. */
const lingerMilliseconds = 10_000;

/** A stdcopy frame of type 3: the docker CLI shows it as "error from daemon in stream". */
function errorFrame(message: string): Buffer {
  const text = Buffer.from(message);
  const header = Buffer.alloc(8);
  header.writeUInt8(3, 0);
  header.writeUInt32BE(text.length, 4);
  return Buffer.concat([header, text]);
}

/**
 * Joins a client to the stream of an attach, an exec or a connection, both ways and with backpressure.
 *
 * The client's end of input is stdin's end only if stdin was asked for: the docker CLI sends FIN at once when it has none.
 * When the inner stream ends, the client's connection is closed; when the client goes, the inner stream is.
 * @param framed stdcopy frames: a failure can be told in the stream
 * @returns when both are closed
 */
export function join(
  client: ClientStream,
  inner: Duplex,
  options: { readonly stdin: boolean; readonly framed: boolean },
  log: Log,
): Promise<void> {
  return new Promise((resolve) => {
    let over = false;
    let linger: NodeJS.Timeout | undefined;
    let probe: NodeJS.Timeout | undefined;

    const closed = () => {
      clearTimeout(linger);
      clearInterval(probe);
      over = true;
      if (!inner.destroyed) inner.destroy();
      resolve();
    };
    const failed = (error: Error) => {
      log.debug('the client of a stream went away', { error: error.message });
      client.destroy();
    };
    const finish = () => {
      if (over) return;
      over = true;
      client.input.unpipe(inner);
      client.input.resume();
      // What waits for a slow reader is sent first, however long it takes.
      client.output.once('finish', () => {
        linger = setTimeout(() => {
          client.destroy();
        }, lingerMilliseconds);
        linger.unref();
      });
      client.output.end();
    };

    const halfClosed = () => {
      if (over || client.probe === undefined) return;
      client.probe();
      probe = setInterval(() => client.probe?.(), probeMilliseconds);
      probe.unref();
    };

    client.output.on('close', closed);
    client.output.on('error', failed);
    client.input.on('end', halfClosed);
    client.input.on('error', failed);
    if (client.output.destroyed) {
      closed();
      return;
    }

    inner.on('error', (error) => {
      log.debug('a stream ended with an error', { error: error.message });
      if (!over && options.framed) client.output.write(errorFrame(error.message));
      finish();
    });
    inner.on('end', finish);
    inner.on('close', finish);
    const deliver = () => {
      if (!over) inner.pipe(client.output, { end: false });
    };
    if (client.ready === undefined) deliver();
    else void client.ready.then(deliver);
    if (options.stdin) client.input.pipe(inner);
    else client.input.resume();
  });
}
