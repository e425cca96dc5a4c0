import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiServer } from '../../../../helper-daemon/api/server';
import type { Caller } from '../../../../helper-daemon/api/services';
import { createLog } from '../../../../helper-daemon/log';
import { MemoryEngine } from './memory-engine';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The real HTTP server on a real socket, over an engine in memory. */
export interface ApiFixture extends AsyncDisposable {
  readonly socketPath: string;
  readonly engine: MemoryEngine;
  readonly log: string[];
  caller: Caller;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A connection on which the test writes HTTP itself. */
  raw(): Promise<RawConnection>;
}

export const root: Caller = { uid: 0, gid: 0, groups: [0], pid: 1, admin: true };

export async function startApi(): Promise<ApiFixture> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-api-'));
  const socketPath = join(directory, 'berth.sock');
  const engine = new MemoryEngine();
  const lines: string[] = [];
  const fixture = { caller: root };
  const server = createApiServer({
    services: engine.services(),
    identify: () => fixture.caller,
    engineVersion: '28.2.2+berth0.1.0',
    log: createLog('api', 'debug', (line) => lines.push(line)),
  });
  await server.listen(socketPath);
  return Object.assign(fixture, {
    socketPath,
    engine,
    log: lines,
    call: (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      call(socketPath, method, path, body, headers),
    raw: () => RawConnection.open(socketPath),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await rm(directory, { recursive: true });
    },
  });
}

function call(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

/** Bytes in, bytes out, half-close allowed. */
export class RawConnection {
  received = Buffer.alloc(0);
  ended = false;
  private wake: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    socket.on('end', () => {
      this.ended = true;
      this.wake();
    });
    socket.on('error', () => this.wake());
  }

  static open(path: string): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path, allowHalfOpen: true }, () => resolve(new RawConnection(socket)));
      socket.on('error', reject);
    });
  }

  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Until the bytes so far satisfy the condition; the test's own timeout bounds it. */
  async until(done: (text: string) => boolean): Promise<string> {
    while (!done(this.received.toString('latin1'))) {
      if (this.ended)
        throw new Error(`the connection ended after ${JSON.stringify(this.received.toString('latin1'))}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.received.toString('latin1');
  }

  async end(): Promise<string> {
    while (!this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.received.toString('latin1');
  }
}
