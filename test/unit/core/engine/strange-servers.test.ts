import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineClient } from '../../../../core/engine/client';
import { EngineUnavailableError } from '../../../../core/error';
import { localTransport } from '../../../../core/hosts/local';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-strange-'));
  path = join(directory, 'x.sock');
});
afterEach(() => rm(directory, { recursive: true }));

async function against(
  listener: RequestListener,
  use: (client: EngineClient) => Promise<void>,
): Promise<void> {
  const server = createServer(listener).listen(path);
  await once(server, 'listening');
  const client = new EngineClient(localTransport(path));
  try {
    await use(client);
  } finally {
    client.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

const failureOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineUnavailableError);
  return error as EngineUnavailableError;
};

describe('what is no helper, or not one for this client', () => {
  it('a helper that is too old', () =>
    against(
      (_request, response) => {
        response.writeHead(400, { 'Content-Type': 'application/json', 'Api-Version': '1.40' });
        response.end(
          JSON.stringify({
            message: 'client version 1.51 is too new. Maximum supported API version is 1.40',
          }),
        );
      },
      async (client) => {
        const error = await failureOf(client.containers.list());
        expect(error.reason).toBe('too-old');
        expect(error.explain()).toMatch(/too old.*\n.*1\.40\n.*Update the helper/s);
      },
    ));

  it('a helper that is too old for its own version to be understood', () =>
    against(
      (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Api-Version': '1.20' });
        response.end(JSON.stringify({ Version: '1.8.0', ApiVersion: '1.20' }));
      },
      async (client) => {
        const error = await failureOf(client.version());
        expect(error.reason).toBe('too-old');
        expect(error.why).toContain('serves API 1.20');
      },
    ));

  it('a container that did not start: the reason alone', () =>
    against(
      (_request, response) => {
        response.writeHead(400, { 'Content-Type': 'application/json', 'Api-Version': '1.51' });
        const message =
          'failed to create task for container: OCI runtime create failed: unable to start container process: exec: "x": permission denied: unknown';
        response.end(JSON.stringify({ message }));
      },
      async (client) => {
        await expect(client.containers.start('c')).rejects.toThrow(/^exec: "x": permission denied$/);
      },
    ));

  it('another web server', () =>
    against(
      (_request, response) => response.writeHead(404).end('<html>no</html>'),
      async (client) => expect((await failureOf(client.info())).reason).toBe('not-an-engine'),
    ));

  it('an answer that is cut off', () =>
    against(
      (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 });
        response.write('[{"Id"');
        response.socket?.end();
      },
      async (client) => expect((await failureOf(client.containers.list())).reason).toBe('lost'),
    ));

  it('an answer of another shape', () =>
    against(
      (_request, response) => response.end('[{"Id": 5}]'),
      async (client) => {
        const error = await failureOf(client.containers.list());
        expect(error.message).toContain('GET /containers/json');
        expect(error.why).toContain('0.Id');
      },
    ));

  it('a connection that the server closes while it is idle is replaced without a word', async () => {
    let requests = 0;
    await against(
      (_request, response) => {
        requests++;
        response.end('[]');
        // After the answer, so that the client believes the connection to be good.
        setImmediate(() => response.socket?.destroy());
      },
      async (client) => {
        for (let i = 0; i < 5; i++) expect(await client.containers.list()).toEqual([]);
        expect(requests).toBe(5);
      },
    );
  });

  it('something that speaks no HTTP', async () => {
    const server = createRawServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')).listen(path);
    await once(server, 'listening');
    const client = new EngineClient(localTransport(path));
    expect((await failureOf(client.version())).reason).toBe('not-an-engine');
    server.close();
  });
});
