import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { addAbortSignal, Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ZodType } from 'zod';
import { EngineUnavailableError, isAbort } from '../error';
import { apiVersion } from './api-version';
import { encodeQuery, type Query } from './query';
import { errorOfAnswer, errorOfTransport, invalidAnswer } from './answer-error';
import type { Transport } from './transport';

export interface Call {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without the version. `/berth/…` is sent as it is. */
  readonly path: string;
  /** Sent without a version, for calls that must work with helpers of any age. */
  readonly unversioned?: boolean;
  readonly query?: Query;
  /** A stream is sent chunked, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Keep-alive connections over any Duplex: node's own agent wants sockets in two places only. */
class TransportAgent extends Agent {
  constructor(private readonly transport: Transport) {
    super({ keepAlive: true, maxFreeSockets: 4 });
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.transport.connect().then(
      (stream) => {
        // In the pool a connection that the helper has ended is of no use: let it close wholly, which takes it out.
        stream.allowHalfOpen = false;
        callback?.(null, stream);
      },
      (error: unknown) =>
        callback?.(error instanceof Error ? error : new Error(String(error)), undefined as unknown as Duplex),
    );
    return undefined;
  }

  override keepSocketAlive(stream: Duplex): boolean {
    if ('setKeepAlive' in stream) super.keepSocketAlive(stream);
    return true;
  }

  override reuseSocket(stream: Duplex, request: ClientRequest): void {
    if ('ref' in stream) super.reuseSocket(stream, request);
  }
}

/** HTTP/1.1 to one helper: validated JSON, raw streams, and upgraded connections. */
export class EngineHttp {
  readonly #agent: TransportAgent;

  constructor(readonly transport: Transport) {
    this.#agent = new TransportAgent(transport);
  }

  /**
   * Resolves when the headers of a good answer (2xx, or 304) are here; the body is the caller's to read or `resume()`.
   * @throws EngineRequestError for any other status, EngineUnavailableError when nobody answers, the signal's AbortError
   */
  async open(call: Call): Promise<IncomingMessage> {
    call.signal?.throwIfAborted();
    const mayRepeat = call.method === 'GET' || call.method === 'HEAD';
    const answer = await this.#send(call, this.#agent, {}, mayRepeat).answer;
    // Without this, reading a body that the caller cancels would fail with the socket's error instead of the signal's.
    if (call.signal) addAbortSignal(call.signal, answer);
    if (answer.statusCode === 304) return answer;
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw await errorOfAnswer(answer, this.transport);
  }

  /** The answer's JSON, checked against the schema. */
  async json<T>(schema: ZodType<T>, call: Call): Promise<T> {
    return this.decode(schema, await this.open(call), `${call.method} ${call.path}`);
  }

  /** The JSON of an answer that is already open; `what` names the request in an error. */
  async decode<T>(schema: ZodType<T>, answer: IncomingMessage, what: string): Promise<T> {
    const text = await readText(answer);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw invalidAnswer(what, this.transport, 'it is not JSON', error);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw invalidAnswer(
      what,
      this.transport,
      `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unexpected shape'}`,
      parsed.error,
    );
  }

  /** For answers without content of interest. The status tells 304 from 204. */
  async done(call: Call): Promise<number> {
    const answer = await this.open(call);
    await readText(answer);
    return answer.statusCode ?? 0;
  }

  /**
   * Turns a connection of its own into a raw byte stream (`101 UPGRADED`). Bytes that came with the headers are its first bytes.
   * `end()` on it is a half-close. The signal destroys it at any time.
   */
  async upgrade(call: Call): Promise<{ stream: Duplex; contentType: string }> {
    call.signal?.throwIfAborted();
    const headers = { Connection: 'Upgrade', Upgrade: 'tcp' };
    const stream = await this.transport.connect(call.signal);
    const agent = new Agent();
    agent.createConnection = () => stream;
    const sent = this.#send(call, agent, headers, false);
    const upgraded = new Promise<{ stream: Duplex; contentType: string }>((resolve) => {
      sent.request.once('upgrade', (answer: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (head.length > 0) socket.unshift(head);
        if (call.signal) addAbortSignal(call.signal, socket);
        resolve({ stream: socket, contentType: answer.headers['content-type'] ?? '' });
      });
    });
    const refused = sent.answer.then(async (answer) => {
      throw await errorOfAnswer(answer, this.transport);
    });
    return Promise.race([upgraded, refused]);
  }

  /** Closes idle connections; running requests end with an error. */
  close(): void {
    this.#agent.destroy();
  }

  #send(
    call: Call,
    agent: Agent,
    extra: Record<string, string>,
    mayRepeat: boolean,
  ): { request: ClientRequest; answer: Promise<IncomingMessage> } {
    const prefix = call.path.startsWith('/berth/') || call.unversioned === true ? '' : `/v${apiVersion}`;
    const stream = call.body instanceof Readable ? call.body : undefined;
    const text = stream === undefined && call.body !== undefined ? JSON.stringify(call.body) : undefined;
    const request = httpRequest({
      agent,
      host: 'berth',
      // Never dialled: the agent connects. But an editor's extension host replaces the agent of requests that have no
      // socket path by one that looks for a web proxy.
      socketPath: this.transport.describe(),
      method: call.method,
      path: `${prefix}${call.path}${encodeQuery(call.query)}`,
      headers: {
        ...(text === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
        ...(text === undefined && stream === undefined && call.method !== 'GET'
          ? { 'Content-Length': 0 }
          : {}),
        ...call.headers,
        ...extra,
      },
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      let answered = false;
      request.once('response', (message) => {
        answered = true;
        resolve(message);
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (answered) return;
        if (mayRepeat && request.reusedSocket && error.code === 'ECONNRESET') {
          // The helper closed an idle connection in the moment in which it was taken from the pool.
          resolve(this.#send(call, agent, extra, false).answer);
        } else reject(call.signal?.aborted === true ? error : errorOfTransport(error, this.transport));
      });
    });
    if (stream === undefined) request.end(text);
    else {
      pipeline(stream, request).catch((error: unknown) => {
        request.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    }
    return { request, answer };
  }
}

/** The whole body as text. A connection that ends early is an error, not a short text. */
export async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new EngineUnavailableError(
      'lost',
      'The connection to the helper was lost in the middle of an answer',
      error instanceof Error ? error.message : String(error),
      'Try again; if it stays so, look at the helper’s log (its standard error; /var/log/berth.log after `npm start`).',
      { cause: error },
    );
  }
  return Buffer.concat(chunks).toString('utf8');
}
