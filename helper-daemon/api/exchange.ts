import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished, type Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { EngineError } from '../error';
import type { Log } from '../log';
import { commonHeaders, writeJson } from './answer';
import type { ApiMinor } from './api-version';
import { readJsonPrefix } from './json-prefix';
import type { Query } from './query';
import type { ClientStream } from './raw-stream';
import { parseJson, readBody } from './request-body';
import type { Caller } from './services';
import { readBodyBeforeStream } from './takeover';

/**
 * docker-py reads headers through a buffer and the stream beneath it: bytes that arrive together with the headers stay in
 * the buffer and are lost. Docker takes longer than this to start anything; Berth does not. There is no sign of when
 * the other end of a socket has read.
 */
const losesEarlyBytes = (request: IncomingMessage) =>
  /docker-(sdk-python|py)\//.test(request.headers['user-agent'] ?? '');
const headersReadMilliseconds = 25;

export interface ExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The connection itself, when the client asked to take it over (`Upgrade`). */
  readonly socket: Duplex | undefined;
  readonly caller: Caller;
  readonly api: ApiMinor;
  readonly query: Query;
  readonly params: ReadonlyMap<string, string>;
  readonly engineVersion: string;
  readonly log: Log;
}

/** One request and its answer, as the handlers see them. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly api: ApiMinor;
  readonly query: Query;
  readonly log: Log;
  /** Aborts when the client goes away, and at the end of the answer. */
  readonly signal: AbortSignal;

  constructor(private readonly parts: ExchangeParts) {
    this.request = parts.request;
    this.response = parts.response;
    this.caller = parts.caller;
    this.api = parts.api;
    this.query = parts.query;
    this.log = parts.log;
    const gone = new AbortController();
    this.signal = gone.signal;
    finished(parts.socket ?? parts.response, () => {
      gone.abort();
    });
  }

  /** A part of the path; the pattern has it, or the request would not be here. */
  param(name: string): string {
    const value = this.parts.params.get(name);
    if (value === undefined) throw new Error(`the route has no {${name}}`);
    return value;
  }

  get upgraded(): boolean {
    return this.parts.socket !== undefined;
  }

  json(status: number, body: unknown): void {
    writeJson(this.response, status, body);
  }

  /** An answer without a body: 200, 204, 304. */
  empty(status: number): void {
    this.response.writeHead(status, status === 200 || status === 201 ? { 'Content-Length': 0 } : {});
    this.response.end();
  }

  /** @throws EngineError 400 when the body is not what the schema asks for */
  async body<T extends z.ZodType>(schema: T): Promise<z.output<T>> {
    return parseJson(schema, await readBody(this.request));
  }

  /**
   * The options in front of a raw stream, as bytes. To be read before `rawStream`, always: they are not stdin.
   * @param chunked what a chunked body is when there was no upgrade: options and then stdin, or stdin alone
   */
  async optionsBeforeStream(chunked: 'options-then-stdin' | 'stdin'): Promise<Buffer> {
    const { request, socket } = this.parts;
    if (socket !== undefined) return readBodyBeforeStream(request, socket);
    if (request.headers['transfer-encoding'] === undefined) return readBody(request);
    return chunked === 'stdin' ? Buffer.alloc(0) : readJsonPrefix(request);
  }

  /**
   * Ends HTTP: 101 and the socket itself when the client asked for it, else 200 with a body that ends with the connection.
   * From here on errors cannot be told by a status.
   */
  rawStream(contentType: string): ClientStream {
    const { request, response, socket } = this.parts;
    if (socket === undefined) {
      // No chunking: docker-py reads the socket beneath the response.
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
      response.writeHead(200, { 'Content-Type': contentType });
      response.flushHeaders();
      return { input: request, output: response, destroy: () => response.destroy() };
    }
    response.detachSocket(request.socket);
    const headers = {
      'Content-Type': contentType,
      Connection: 'Upgrade',
      Upgrade: 'tcp',
      ...commonHeaders(this.parts.engineVersion),
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 UPGRADED\r\n${lines.join('')}\r\n`);
    return {
      input: socket,
      output: socket,
      destroy: () => socket.destroy(),
      ready: losesEarlyBytes(request) ? delay(headersReadMilliseconds) : undefined,
      // A write of nothing is still a system call, and EPIPE when nobody is there.
      probe: () => socket.write(''),
    };
  }

  /** @throws EngineError 400 for a request that did not ask to take the connection over */
  requireUpgrade(): void {
    if (this.upgraded) return;
    throw new EngineError(
      400,
      'upgrade-required',
      'this needs a connection of its own: send "Connection: Upgrade, Upgrade: tcp"',
    );
  }
}
