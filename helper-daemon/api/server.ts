import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { EngineError } from '../error';
import type { Log } from '../log';
import { commonHeaders, jsonType, writeError } from './answer';
import { negotiate } from './api-version';
import { Exchange } from './exchange';
import { Query } from './query';
import { parseRequestPath } from './request-path';
import { Router, type Match } from './router';
import { routes } from './routes';
import type { Caller, Services } from './services';

/** Go's limit; dockerode repeats whole create bodies in the query, labels and all. */
const maxHeaderBytes = 1024 * 1024;

export interface ApiServerParts {
  readonly services: Services;
  /** Who is at the other end of an accepted connection; throws to refuse it. */
  readonly identify: (socket: Socket) => Caller;
  /** The engine version that clients see, like `28.2.2+berth0.1.0`. */
  readonly engineVersion: string;
  readonly log: Log;
}

export interface ApiServer {
  /**
   * Listens on a unix socket that every local user may open; takes the place of a socket that nobody listens on.
   * @throws when another process listens there, or the path is something else than a socket
   */
  listen(path: string): Promise<void>;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** The Docker Engine API and `/berth/v1` over the given services. */
export function createApiServer(parts: ApiServerParts): ApiServer {
  const server = new ConnectionServer(parts);
  return { listen: (path) => server.listen(path), close: () => server.close() };
}

class ConnectionServer {
  private readonly callers = new WeakMap<Duplex, Caller>();
  private readonly connections = new Set<Socket>();
  /** Connections with a request that is being answered. */
  private readonly busy = new WeakSet<Duplex>();
  private readonly router: Router;
  private readonly server: Server;

  constructor(private readonly parts: ApiServerParts) {
    this.router = new Router(routes(parts.services));
    this.server = createServer({
      maxHeaderSize: maxHeaderBytes,
      // Uploads and stdin are requests that last as long as they last; idle clients keep their connections, as with Docker.
      requestTimeout: 0,
      keepAliveTimeout: 0,
      shouldUpgradeCallback: (request) => this.mayUpgrade(request),
    });
    this.server.on('connection', (socket) => this.accept(socket));
    this.server.on('request', (request, response) => void this.serve(request, response, undefined));
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(request.socket);
      response.on('finish', () => {
        response.detachSocket(request.socket);
        // The body that nobody read must not turn the close into a reset that overtakes the answer.
        socket.resume();
        socket.end();
      });
      void this.serve(request, response, socket);
    });
    this.server.on('clientError', (error: Error, socket: Duplex) => this.refuseGarbage(error, socket));
  }

  async listen(path: string): Promise<void> {
    await removeStaleSocket(path);
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(path, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    await chmod(path, 0o666);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.connections) socket.destroy();
    });
  }

  private accept(socket: Socket): void {
    this.connections.add(socket);
    socket.on('close', () => this.connections.delete(socket));
    socket.on('error', (error) => this.parts.log.debug('connection failed', { error: error.message }));
    try {
      this.callers.set(socket, this.parts.identify(socket));
    } catch (error) {
      this.parts.log.warn('connection refused', {
        error: error instanceof Error ? error.message : String(error),
      });
      socket.destroy();
    }
  }

  private find(request: IncomingMessage): { match: Match; version: string | undefined; query: string } {
    const { path, version, query } = parseRequestPath(request.url ?? '/');
    const match = this.router.find(request.method ?? 'GET', path);
    if (match === undefined) throw new EngineError(404, 'no-such-route', 'page not found');
    return { match, version, query };
  }

  /** An `Upgrade` header on any other endpoint is ignored, as HTTP allows: the client gets an ordinary answer. */
  private mayUpgrade(request: IncomingMessage): boolean {
    try {
      return this.find(request).match.route.upgrade === true;
    } catch (error) {
      this.parts.log.debug('no upgrade', { error: error instanceof Error ? error.message : String(error) });
      return false;
    }
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    socket: Duplex | undefined,
  ): Promise<void> {
    const { log, engineVersion } = this.parts;
    const began = performance.now();
    for (const [name, value] of Object.entries(commonHeaders(engineVersion))) response.setHeader(name, value);
    response.on('error', (error) => log.debug('answer not delivered', { error: error.message }));
    // Keep-alive connections are used again after errors: what the handler left of the body is read and dropped.
    response.on('finish', () => request.resume());
    this.busy.add(request.socket);
    response.on('close', () => this.busy.delete(request.socket));
    try {
      const { match, version, query } = this.find(request);
      const caller = this.callers.get(request.socket);
      if (caller === undefined) throw new Error('a connection without a caller');
      const exchange = new Exchange({
        request,
        response,
        socket,
        caller,
        api: negotiate(version),
        query: new Query(query),
        params: match.params,
        engineVersion,
        log,
      });
      await match.route.handler(exchange);
      log.debug('request', {
        method: request.method,
        route: match.route.pattern,
        uid: caller.uid,
        status: response.statusCode,
        milliseconds: Math.round(performance.now() - began),
      });
    } catch (error) {
      if (!response.destroyed) writeError(response, error, log);
    }
  }

  private refuseGarbage(error: Error, socket: Duplex): void {
    this.parts.log.debug('not HTTP', { error: error.message });
    // Bytes behind a request are stdin that came without an upgrade: an HTTP answer would end up in the stream.
    if (!socket.writable || this.busy.has(socket)) {
      socket.destroy();
      return;
    }
    const body = `${JSON.stringify({ message: `malformed request: ${error.message}` })}\n`;
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: ${jsonType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      () => socket.destroy(),
    );
  }
}

async function removeStaleSocket(path: string): Promise<void> {
  const kind = await lstat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (kind === undefined) return;
  if (!kind.isSocket())
    throw new Error(`${path} exists and is not a socket: move it away, or choose another path`);
  if (await answers(path))
    throw new Error(`another process listens on ${path}: stop it first, or choose another path`);
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}
