/** A registry in a few lines that misbehaves as a test tells it to. It counts what it is asked, and never needs more than a loopback port. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MadeImage } from './oci-image';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** @returns true when it has answered; otherwise the registry does, properly */
export type Trick = (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => boolean;

export interface HostileRegistry {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly asked: Asked[];
  /** Bytes of blobs that were written to clients. */
  sent(): number;
  stop(): Promise<void>;
}

export interface Tricks {
  /** For blobs of layers. */
  readonly layer?: Trick;
  readonly manifest?: Trick;
  /** Before anything else. */
  readonly any?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export async function startHostileRegistry(image: MadeImage, tricks: Tricks = {}): Promise<HostileRegistry> {
  const asked: Asked[] = [];
  let sent = 0;
  const blobs = new Map([...image.layers, image.config].map((blob) => [blob.digest, blob.bytes]));
  const layers = new Set(image.layers.map((layer) => layer.digest));

  const serve = (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0)
      response.writeHead(206, {
        'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
        'Content-Length': bytes.length - from,
      });
    else response.writeHead(200, { 'Content-Length': bytes.length });
    sent += bytes.length - from;
    response.end(bytes.subarray(from));
  };

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push({
      method: request.method ?? '',
      path,
      range: request.headers.range,
      authorization: request.headers.authorization,
    });
    if (tricks.any?.(request, response) === true) return;
    const blob = /\/blobs\/(sha256:[0-9a-f]{64})$/.exec(path)?.[1];
    const bytes = blob === undefined ? undefined : blobs.get(blob);
    if (path === '/v2/') response.end('{}');
    else if (path.includes('/manifests/')) {
      response.setHeader('Content-Type', image.manifest.mediaType);
      if (tricks.manifest?.(request, response, image.manifest.bytes) !== true)
        response.end(image.manifest.bytes);
    } else if (bytes !== undefined) {
      if (!layers.has(blob ?? '') || tricks.layer?.(request, response, bytes) !== true)
        serve(request, response, bytes);
    } else response.writeHead(404).end('{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown"}]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host: `127.0.0.1:${address.port}`,
    asked,
    sent: () => sent,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
