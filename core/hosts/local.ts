import { lstatSync } from 'node:fs';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { EngineUnavailableError } from '../error';
import type { Transport } from '../engine/transport';

/** Where the helper of this machine listens (ARCHITECTURE.md, "Interfaces"). */
export const defaultSocket = '/run/berth/berth.sock';

const startTheHelper =
  'Start it with `npm start` in the checkout, as root with `berthd` (it lies beside `berth`), or with ' +
  '“Berth: Install or Start the Helper” in the editor. For a helper elsewhere, set BERTH_HOST=unix:///path/to/berth.sock.';

/** A helper on this machine, reached by its unix socket. */
export function localTransport(path: string = defaultSocket): Transport {
  const describe = () => `unix://${path}`;
  return {
    describe,
    connect: (signal) =>
      new Promise<Duplex>((resolve, reject) => {
        signal?.throwIfAborted();
        const socket = connect({ path, allowHalfOpen: true });
        const abort = () =>
          socket.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
        signal?.addEventListener('abort', abort, { once: true });
        const failed = (error: NodeJS.ErrnoException) => {
          signal?.removeEventListener('abort', abort);
          reject(signal?.aborted === true ? error : unavailable(error, path));
        };
        socket.once('error', failed);
        socket.once('connect', () => {
          signal?.removeEventListener('abort', abort);
          socket.off('error', failed);
          resolve(socket);
        });
      }),
  };
}

function unavailable(error: NodeJS.ErrnoException, path: string): EngineUnavailableError {
  const what = `Cannot reach the Berth helper at unix://${path}`;
  switch (error.code) {
    case 'ENOENT':
      return new EngineUnavailableError(
        'missing',
        what,
        'The socket does not exist: the helper is not running.',
        startTheHelper,
        { cause: error },
      );
    case 'ECONNREFUSED':
      if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === true) return notASocket(error, path);
      return new EngineUnavailableError(
        'refused',
        what,
        'The socket is there, but nobody listens: the helper has stopped or crashed.',
        startTheHelper,
        { cause: error },
      );
    case 'EACCES':
    case 'EPERM':
      return new EngineUnavailableError(
        'permission',
        what,
        'Permission to open the socket was denied.',
        `Look at \`ls -ld ${path}\` and its folder: the socket is meant to have mode 0666 in a folder with mode 0755. Restart the helper to repair it.`,
        { cause: error },
      );
    case 'ENOTSOCK':
    case 'ENOTDIR':
      return notASocket(error, path);
    default:
      return new EngineUnavailableError('lost', what, error.message, startTheHelper, { cause: error });
  }
}

function notASocket(error: NodeJS.ErrnoException, path: string): EngineUnavailableError {
  return new EngineUnavailableError(
    'bad-address',
    `Cannot reach the Berth helper at unix://${path}`,
    'That path is not a socket.',
    'Correct BERTH_HOST or the setting “berth.host”.',
    { cause: error },
  );
}
