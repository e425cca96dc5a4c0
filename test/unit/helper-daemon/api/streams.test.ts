import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { once } from 'node:events';
import { request } from 'node:http';
import { startApi, type ApiFixture } from './api-fixture';

let api: ApiFixture;
beforeEach(async () => {
  api = await startApi();
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

const up = 'Host: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n';
const body = '{"Detach":false,"Tty":false}';

async function create(...cmd: string[]): Promise<string> {
  const answer = await api.call('POST', '/containers/create', {
    Image: 'busybox',
    Cmd: cmd,
    OpenStdin: true,
  });
  return (JSON.parse(answer.text) as { Id: string }).Id;
}

async function exec(...cmd: string[]): Promise<string> {
  const container = await create('cat');
  const answer = await api.call('POST', `/containers/${container}/exec`, { Cmd: cmd, AttachStdin: true });
  return (JSON.parse(answer.text) as { Id: string }).Id;
}

const frame = (kind: number, text: string) => {
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(text.length, 4);
  return header.toString('latin1') + text;
};

describe('upgrades', () => {
  const framings: [string, string[]][] = [
    ['in one piece', [`Content-Length: ${body.length}\r\n\r\n${body}typed`]],
    [
      'split in the body',
      [`Content-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`, `${body.slice(9)}typed`],
    ],
    [
      'chunked',
      [`Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\ntyped`],
    ],
    [
      'chunked and split anywhere',
      [
        `Transfer-Encoding: chunked\r\n\r\n5\r`,
        `\n${body.slice(0, 3)}`,
        `${body.slice(3, 5)}\r\n17`,
        `\r\n${body.slice(5)}\r\n0\r\n`,
        '\r\nty',
        'ped',
      ],
    ],
  ];

  it.each(framings)('keeps the body of an exec start out of stdin: %s', async (_name, pieces) => {
    const id = await exec('cat');
    const connection = await api.raw();
    connection.write(`POST /v1.51/exec/${id}/start HTTP/1.1\r\n${up}`);
    for (const piece of pieces) {
      connection.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await connection.until((text) => text.replaceAll(/[^a-z]/g, '').endsWith('typed'));
    connection.socket.end();
    const text = await connection.end();
    const [head, rest] = [text.slice(0, text.indexOf('\r\n\r\n')), text.slice(text.indexOf('\r\n\r\n') + 4)];
    expect(head).toMatch(/^HTTP\/1.1 101 UPGRADED\r\n/);
    expect(head).toContain('Content-Type: application/vnd.docker.multiplexed-stream');
    expect(head).toContain('Api-Version: 1.51');
    expect(rest.replaceAll(/[^a-z]/g, '')).toBe('typed');
    const done = JSON.parse((await api.call('GET', `/exec/${id}/json`)).text) as { ExitCode: number };
    expect(done.ExitCode).toBe(0);
  });

  it('answers an error before the upgrade as ordinary HTTP', async () => {
    const connection = await api.raw();
    connection.write(`POST /exec/none/start HTTP/1.1\r\n${up}Content-Length: ${body.length}\r\n\r\n${body}`);
    const text = await connection.end();
    expect(text).toMatch(/^HTTP\/1.1 404 /);
    expect(text).toContain('Content-Type: application/json\r\n');
    expect(text).toContain('No such exec instance');
  });

  it.each(['z\r\n', 'fffffff\r\n', `${'1'.repeat(3000)}\r\n`])('refuses the chunk size %j', async (size) => {
    const id = await exec('cat');
    const connection = await api.raw();
    connection.write(`POST /exec/${id}/start HTTP/1.1\r\n${up}Transfer-Encoding: chunked\r\n\r\n${size}`);
    expect(await connection.end()).toMatch(/^HTTP\/1.1 400 /);
  });

  it('lives on when the client goes in the middle of the body', async () => {
    const id = await exec('cat');
    const connection = await api.raw();
    connection.write(`POST /exec/${id}/start HTTP/1.1\r\n${up}Content-Length: 500\r\n\r\n{`);
    connection.socket.end();
    await connection.end();
    expect((await api.call('GET', '/_ping')).status).toBe(200);
  });

  it('delivers what comes after the client has closed its half at once (no stdin)', async () => {
    const id = await create('both');
    const connection = await api.raw();
    connection.write(
      `POST /v1.51/containers/${id}/attach?stderr=1&stdout=1&stream=1 HTTP/1.1\r\n${up}Content-Length: 0\r\n\r\n`,
    );
    connection.socket.end();
    await connection.until((text) => text.includes('101 UPGRADED'));
    await api.call('POST', `/containers/${id}/start`);
    const text = await connection.end();
    expect(text).toContain(frame(1, 'to stdout\n') + frame(2, 'to stderr\n'));
  });

  it('takes stdin and its end before the container starts', async () => {
    const id = await create('cat');
    const connection = await api.raw();
    connection.write(`POST /containers/${id}/attach?stdin=1&stdout=1&stream=1 HTTP/1.1\r\n${up}\r\nearly`);
    connection.socket.end();
    await connection.until((text) => text.includes('101 UPGRADED'));
    await api.call('POST', `/containers/${id}/start`);
    expect(await connection.end()).toContain(frame(1, 'early'));
  });

  it('does not type the options that dockerode repeats into the container', async () => {
    const id = await create('cat');
    const options = '{"stream":true,"stdin":true,"stdout":true,"hijack":true}';
    const connection = await api.raw();
    connection.write(
      `POST /containers/${id}/attach?stream=true&stdin=true&stdout=true HTTP/1.1\r\n${up}Content-Length: ${options.length}\r\n\r\n${options}`,
    );
    await connection.until((text) => text.includes('101 UPGRADED'));
    await api.call('POST', `/containers/${id}/start`);
    connection.write('mine');
    connection.socket.end();
    const text = await connection.end();
    expect(text).toContain(frame(1, 'mine'));
    expect(text).not.toContain('hijack');
  });

  it('closes the inner stream when the client goes', async () => {
    const id = await create('sleep');
    const connection = await api.raw();
    connection.write(`POST /containers/${id}/attach?stdout=1&stream=1 HTTP/1.1\r\n${up}\r\n`);
    await connection.until((text) => text.includes('101 UPGRADED'));
    const container = api.engine.containers.get(id)!;
    const closed = new Promise<void>((resolve) => {
      const attach = container.attach.bind(container);
      container.attach = (stdin) => {
        const stream = attach(stdin);
        stream.on('close', () => resolve());
        return stream;
      };
    });
    const second = await api.raw();
    second.write(`POST /containers/${id}/attach?stdout=1&stream=1 HTTP/1.1\r\n${up}\r\n`);
    await second.until((text) => text.includes('101 UPGRADED'));
    second.socket.destroy();
    await closed;
    connection.socket.destroy();
  });

  it('joins a stream to a port inside, and needs an upgrade for it', async () => {
    const id = await create('cat');
    expect((await api.call('POST', `/berth/v1/containers/${id}/connect?port=80`)).status).toBe(400);
    const refused = await api.raw();
    refused.write(`POST /berth/v1/containers/${id}/connect?port=99999 HTTP/1.1\r\n${up}\r\n`);
    expect(await refused.end()).toContain('connect needs either port');
    const connection = await api.raw();
    connection.write(`POST /berth/v1/containers/${id}/connect?port=80 HTTP/1.1\r\n${up}\r\n`);
    await connection.until((text) => text.includes('101 UPGRADED'));
    connection.write('hello');
    await connection.until((text) => text.endsWith('hello'));
    connection.socket.end();
    await connection.end();
  });
});

describe('raw streams without an upgrade', () => {
  it('are a 200 without chunks that ends with the connection', async () => {
    const id = await exec('echo', 'hi');
    const connection = await api.raw();
    connection.write(
      `POST /v1.41/exec/${id}/start HTTP/1.1\r\nHost: d\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const text = await connection.end();
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(text).toContain('Content-Type: application/vnd.docker.raw-stream\r\n');
    expect(text.toLowerCase()).not.toContain('chunked');
    expect(text.endsWith(`\r\n\r\n${frame(1, 'hi\n')}`)).toBe(true);
  });

  it('take stdin from the rest of a chunked body', async () => {
    const id = await exec('cat');
    const sent = request({ socketPath: api.socketPath, method: 'POST', path: `/exec/${id}/start` });
    sent.setHeader('Transfer-Encoding', 'chunked');
    sent.write('{"Detach":false,"stdin":true}');
    const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
    sent.end('through the body');
    let text = '';
    for await (const chunk of response) text += (chunk as Buffer).toString('latin1');
    expect(text).toBe(frame(1, 'through the body'));
  });
});

describe('wait', () => {
  it('sends its headers at once, and the code when there is one', async () => {
    const id = await create('exit', '3');
    const sent = request({
      socketPath: api.socketPath,
      method: 'POST',
      path: `/containers/${id}/wait?condition=next-exit`,
    });
    sent.end();
    const [response] = (await once(sent, 'response')) as [
      NodeJS.ReadableStream & { headers: Record<string, string> },
    ];
    expect(response.headers['content-type']).toBe('application/json');
    await api.call('POST', `/containers/${id}/start`);
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect(JSON.parse(text)).toEqual({ StatusCode: 3 });
  });

  it('refuses a condition that there is not, and a container that there is not', async () => {
    const id = await create('cat');
    expect((await api.call('POST', `/containers/${id}/wait?condition=tuesday`)).status).toBe(400);
    expect((await api.call('POST', '/containers/none/wait')).status).toBe(404);
  });
});

describe('logs and events', () => {
  it('wants at least one stream', async () => {
    const id = await create('echo', 'x');
    const answer = await api.call('GET', `/containers/${id}/logs?follow=1`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Bad parameters: you must choose at least one stream');
  });

  it('delivers frames whole to a reader that is slow', async () => {
    const id = await create('flood', String(4 * 1024 * 1024));
    await api.call('POST', `/containers/${id}/start`);
    const answer = await api.call('GET', `/containers/${id}/logs?stdout=1`);
    expect(answer.headers['content-type']).toBe('application/vnd.docker.multiplexed-stream');
    expect(answer.text).toHaveLength(4 * 1024 * 1024 + 64 * 8);
  });

  it('streams events as they happen, and stops listening when the client goes', async () => {
    const id = await create('echo', 'x');
    const sent = request({
      socketPath: api.socketPath,
      path: '/events?filters=%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D',
    });
    sent.end();
    const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
    await api.call('POST', `/containers/${id}/start`);
    const [first] = (await once(response, 'data')) as [Buffer];
    const event = JSON.parse(first.toString().split('\n')[0]!) as Record<string, unknown>;
    expect(event).toMatchObject({ status: 'start', id, Type: 'container', Action: 'start', scope: 'local' });
    sent.destroy();
    await expect.poll(() => api.engine.events.listenerCount('event')).toBe(0);
  });

  it('cuts off a watcher that does not read, and nobody else', async () => {
    const id = await create('cat');
    const container = api.engine.containers.get(id)!;
    const connection = await api.raw();
    connection.socket.pause();
    connection.write('GET /events HTTP/1.1\r\nHost: d\r\n\r\n');
    await expect.poll(() => api.engine.events.listenerCount('event')).toBe(1);
    for (let count = 0; count < 60_000; count += 1)
      api.engine.emit(container, `exec_create: ${'x'.repeat(200)}`);
    await expect.poll(() => api.engine.events.listenerCount('event')).toBe(0);
    expect(api.log.some((line) => line.includes('does not read its events'))).toBe(true);
    connection.socket.destroy();
  });

  it('ends events at until', async () => {
    const answer = await api.call('GET', '/events?since=1&until=2');
    expect(answer).toMatchObject({ status: 200, text: '' });
  });
});

describe('pull and import', () => {
  it.each([
    ['fromImage=docker.io%2Flibrary%2Fbusybox&tag=1.36', 'docker.io/library/busybox:1.36'],
    ['fromImage=busybox&tag=sha256%3Aabc', 'busybox@sha256:abc'],
    ['fromImage=localhost:5000/a/b:2', 'localhost:5000/a/b:2'],
  ])('%s asks for %s', async (query, reference) => {
    const answer = await api.call('POST', `/images/create?${query}`);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(api.engine.pulls[0]?.reference).toBe(reference);
    const lines = answer.text.split('\r\n').filter((line) => line !== '');
    expect(JSON.parse(lines.at(-1)!)).toEqual({ status: `Status: Downloaded newer image for ${reference}` });
  });

  it.each([
    ['e30=', undefined],
    ['garbage', undefined],
    [
      Buffer.from('{"username":"u","password":"p?>"}').toString('base64url'),
      { username: 'u', password: 'p?>' },
    ],
    [Buffer.from('{"username":"u","password":"p?>"}').toString('base64'), { username: 'u', password: 'p?>' }],
  ])('reads the credentials %s', async (header, auth) => {
    await api.call('POST', '/images/create?fromImage=busybox&tag=1', undefined, {
      'X-Registry-Auth': header,
    });
    expect(api.engine.pulls[0]?.auth).toEqual(auth);
  });

  it('tells a failure before the first line by the status, after it by the last line', async () => {
    const missing = await api.call('POST', '/images/create?fromImage=missing');
    expect(missing.status).toBe(404);
    const broken = await api.call('POST', '/images/create?fromImage=broken');
    expect(broken.status).toBe(200);
    const last = broken.text.trim().split('\r\n').at(-1)!;
    expect(JSON.parse(last)).toEqual({
      errorDetail: { message: 'the registry went away' },
      error: 'the registry went away',
    });
  });

  it('cancels a pull whose client goes away', async () => {
    const sent = request({
      socketPath: api.socketPath,
      method: 'POST',
      path: '/images/create?fromImage=stuck',
    });
    sent.on('error', () => undefined);
    sent.end();
    const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
    await once(response, 'data');
    sent.destroy();
    await expect.poll(() => api.engine.pulls[0]?.signal.aborted).toBe(true);
  });

  it('gives a slow reader the newest figures and every other line', async () => {
    const answer = await api.call('POST', '/images/create?fromImage=huge&tag=1');
    const lines = answer.text
      .trim()
      .split('\r\n')
      .map((line) => JSON.parse(line));
    expect(lines.length).toBeLessThan(50_000);
    expect(lines[0]).toEqual({ status: 'Pulling from huge:1' });
    expect(lines.at(-2).progressDetail).toEqual({ current: 100_000, total: 100_000 });
    expect(lines.at(-1)).toEqual({ status: 'Status: Downloaded newer image for huge:1' });
  });

  it('streams the body of an import', async () => {
    const answer = await api.call('POST', '/images/create?fromSrc=-&repo=y%3A1&changes=CMD+sh', 'a tar');
    expect(JSON.parse(answer.text)).toEqual({ status: 'sha256:1234' });
    expect(Buffer.concat(api.engine.imported).toString()).toBe('"a tar"');
    expect((await api.call('POST', '/images/create?fromSrc=http://x/y.tar')).status).toBe(501);
    expect((await api.call('POST', '/images/create')).status).toBe(400);
  });
});
