import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type ApiFixture } from './api-fixture';

let api: ApiFixture;
beforeEach(async () => {
  api = await startApi();
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

const message = (text: string) => (JSON.parse(text) as { message: string }).message;

describe('headers and errors', () => {
  it('answers a ping with what clients negotiate by', async () => {
    const get = await api.call('GET', '/_ping');
    expect(get.text).toBe('OK');
    expect(get.headers).toMatchObject({
      'api-version': '1.51',
      'builder-version': '1',
      'docker-experimental': 'false',
      ostype: 'linux',
      swarm: 'inactive',
      server: 'Docker/28.2.2+berth0.1.0 (linux)',
      'content-type': 'text/plain; charset=utf-8',
    });
    const head = await api.call('HEAD', '/v1.40/_ping');
    expect(head.status).toBe(200);
    expect(head.headers['content-length']).toBe('0');
  });

  it('writes errors as exactly application/json', async () => {
    const answer = await api.call('GET', '/containers/nope/json');
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(message(answer.text)).toBe('No such container: nope');
  });

  it('keeps the connection usable after an error with a body that nobody read', async () => {
    const connection = await api.raw();
    const body = 'x'.repeat(200_000);
    connection.write(
      `POST /containers/nope/start HTTP/1.1\r\nHost: d\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await connection.until((text) => text.includes('No such container'));
    connection.write('GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n');
    await connection.until((text) => text.endsWith('\r\n\r\nOK'));
    connection.socket.destroy();
  });

  it('refuses a request with two lengths, and closes', async () => {
    const connection = await api.raw();
    connection.write(
      'POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    expect(await connection.end()).toContain('400 Bad Request');
  });
});

describe('versions', () => {
  it.each([
    ['/v1.24/version', 200, ''],
    ['/v1.51/version', 200, ''],
    ['/version', 200, ''],
    ['/v1.52/version', 400, 'client version 1.52 is too new. Maximum supported API version is 1.51'],
    ['/v1.99/version', 400, 'client version 1.99 is too new. Maximum supported API version is 1.51'],
    [
      '/v1.12/version',
      400,
      'client version 1.12 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
    ],
    ['/v0.9/version', 400, 'too old'],
    ['/v1/version', 404, 'page not found'],
  ])('%s → %i', async (path, status, text) => {
    const answer = await api.call('GET', path);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
  });

  it('shows aliases with the short id below 1.45 only', async () => {
    await api.call('POST', '/containers/create?name=a', { Image: 'busybox' });
    const id = [...api.engine.containers.keys()][0]!;
    const bridge = async (version: string) => {
      const answer = JSON.parse((await api.call('GET', `/v${version}/containers/a/json`)).text);
      return answer.NetworkSettings.Networks.bridge;
    };
    expect(await bridge('1.43')).toEqual({ Aliases: [id.slice(0, 12)] });
    expect(await bridge('1.44')).toEqual({ Aliases: [id.slice(0, 12)], DNSNames: ['a'] });
    expect(await bridge('1.45')).toEqual({ Aliases: [], DNSNames: ['a'] });
  });
});

describe('paths', () => {
  it.each([
    ['/containers//json', 404],
    ['//containers/json', 404],
    ['/v1.41/../containers/json', 404],
    ['/v1.41/%2e%2e/containers/json', 404],
    ['/containers/%2e/json', 404],
    ['/containers/json/', 404],
    ['/Containers/json', 404],
    ['/containers/a%00b/json', 404],
    ['/containers/a%5cb/json', 404],
    ['/containers/%zz/json', 400],
    ['/containers/%252e%252e/json', 404],
    ['/_pin%67', 200],
    ['/', 404],
    ['/no/such/thing', 404],
  ])('%s → %i', async (path, status) => {
    const answer = await api.call('GET', path);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(status === 200 ? /text/ : /^application\/json$/);
  });

  it('takes image names with slashes and ports as they are, and escaped', async () => {
    for (const name of ['localhost:5000/a/b:1', 'localhost:5000%2Fa%2Fb:1']) {
      const answer = await api.call('GET', `/v1.51/images/${name}/json`);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text).RepoTags).toEqual(['localhost:5000/a/b:1']);
    }
  });

  it('survives random targets', async () => {
    let seed = 20_261_121;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const parts = [
      'containers',
      'json',
      '..',
      '.',
      '%2e',
      '%2f',
      'v1.41',
      'images',
      'x',
      '%',
      '?',
      '&',
      'filters=',
      '{',
      '%7B',
      ';',
      '#',
      '%00',
      'é',
    ];
    for (let round = 0; round < 300; round += 1) {
      let target = '';
      for (let length = random(8); length >= 0; length -= 1) target += `/${parts[random(parts.length)]!}`;
      const answer = await api.call('GET', encodeURI(target).replaceAll('%25', '%'));
      expect([200, 400, 404, 503], `${target} (round ${round})`).toContain(answer.status);
    }
  });
});

describe('queries', () => {
  it.each([
    ['filters=%7B%22label%22%3A%7B%22a%3Db%2Fc%22%3Atrue%7D%7D', { label: ['a=b/c'] }],
    ['filters=%7B%22label%22%3A%5B%22a%3Db%22%2C%22c%22%5D%7D', { label: ['a=b', 'c'] }],
    ['filters=%7B%22status%22%3A%22exited%22%7D', { status: ['exited'] }],
    ['filters=', {}],
    ['filters=%7B%7D', {}],
    ['filters=null', {}],
    ['', {}],
  ])('reads %s', async (query, filters) => {
    expect((await api.call('GET', `/containers/json?${query}`)).status).toBe(200);
    expect(api.engine.seen.at(-1)).toEqual({ name: 'list', filters });
  });

  it.each([
    ['filters=%7B%22colour%22%3A%5B%22red%22%5D%7D', "invalid filter 'colour'"],
    ['filters=%5B%5D', 'invalid filter'],
    ['filters=nonsense', 'invalid filter'],
    ['filters=%7B%22label%22%3A%5B%7B%7D%5D%7D', "invalid filter 'label'"],
    ['limit=many', 'limit'],
  ])('refuses %s', async (query, text) => {
    const answer = await api.call('GET', `/containers/json?${query}`);
    expect(answer.status).toBe(400);
    expect(message(answer.text)).toContain(text);
  });

  it.each([
    ['all=1', 1],
    ['all=True', 1],
    ['all=yes', 1],
    ['limit=1', 1],
    ['all=0', 0],
    ['all=False', 0],
    ['all=none', 0],
    ['all=', 0],
    ['limit=-1&size=0&trunc_cmd=0', 0],
  ])('counts %s as %i containers', async (query, count) => {
    await api.call('POST', '/containers/create?name=stopped', { Image: 'busybox' });
    expect(JSON.parse((await api.call('GET', `/containers/json?${query}`)).text)).toHaveLength(count);
  });

  it('takes a create body of dockerode, repeated in the query', async () => {
    const labels = encodeURIComponent(JSON.stringify({ metadata: 'x'.repeat(60_000) }));
    const answer = await api.call('POST', `/containers/create?name=big&Image=busybox&Labels=${labels}`, {
      name: 'big',
      Image: 'busybox',
    });
    expect(answer.status).toBe(201);
  });
});

describe('bodies', () => {
  it.each([
    [{ Image: 'busybox', HostConfig: { Wings: 2 } }, 'HostConfig.Wings'],
    [{ Image: 'busybox', Wings: { left: true } }, 'Wings'],
    [{ Image: 'busybox', HostConfig: { Privileged: false, privileged: true } }, 'more than once'],
    [{ Image: ['busybox'] }, 'Image'],
    [{ Image: 'busybox', HostConfig: { Memory: 'lots' } }, 'HostConfig.Memory'],
    [[], 'body'],
    ['text', 'body'],
  ])('refuses %j by name', async (body, text) => {
    const answer = await api.call('POST', '/containers/create', body);
    expect(answer.status).toBe(400);
    expect(message(answer.text)).toContain(text);
  });

  it('ignores neutral values of what it does not know', async () => {
    const odd = { Wings: null, Fins: [], Tail: { a: 0, b: '' }, HostConfig: { Scales: 0, Memory: null } };
    expect((await api.call('POST', '/containers/create', { Image: 'busybox', ...odd })).status).toBe(201);
  });

  it('refuses broken and endless bodies, and lives on', async () => {
    const connection = await api.raw();
    connection.write('POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\n\r\n{"a');
    expect(await connection.until((text) => text.includes('message'))).toContain('not valid JSON');
    connection.socket.destroy();
    const big = await api.call('POST', '/containers/create', { Image: 'x'.repeat(9 * 1024 * 1024) });
    expect(big.status).toBe(400);
    expect(message(big.text)).toContain('larger than');
    const deep = await api.raw();
    const nest = `{"Wings":${'['.repeat(200_000)}1${']'.repeat(200_000)}}`;
    deep.write(
      `POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: ${nest.length}\r\n\r\n${nest}`,
    );
    expect(await deep.until((text) => text.includes('message'))).toContain('HTTP/1.1 400');
    deep.socket.destroy();
    expect((await api.call('GET', '/_ping')).status).toBe(200);
  });

  it('shows callers only what is theirs', async () => {
    await api.call('POST', '/containers/create?name=roots', { Image: 'busybox' });
    api.caller = { uid: 12_345, gid: 12_345, groups: [], pid: 2, admin: false };
    expect((await api.call('GET', '/containers/roots/json')).status).toBe(404);
    expect(JSON.parse((await api.call('GET', '/berth/v1/policy')).text)).toEqual({
      Uid: 12_345,
      Gid: 12_345,
      Admin: false,
    });
  });
});

describe('what is not served', () => {
  it.each([
    ['POST', '/build', 501],
    ['POST', '/commit?container=x', 501],
    ['POST', '/images/localhost:5000/a/b/push?tag=1', 501],
    ['POST', '/images/load', 501],
    ['GET', '/images/get?names=a', 501],
    ['GET', '/images/localhost:5000/a/get', 501],
    ['GET', '/images/search?term=x', 501],
    ['GET', '/containers/x/changes', 501],
    ['PUT', '/containers/x/archive?path=/', 501],
    ['GET', '/containers/x/export', 501],
    ['GET', '/containers/x/checkpoints', 501],
    ['GET', '/distribution/a/b/json', 501],
    ['POST', '/grpc', 404],
    ['POST', '/session', 404],
    ['POST', '/swarm/init', 503],
    ['GET', '/nodes', 503],
    ['GET', '/services/x', 503],
    ['GET', '/secrets', 503],
    ['POST', '/plugins/pull', 501],
    ['GET', '/plugins/x/y/json', 404],
    ['PUT', '/volumes/x', 501],
  ])('%s %s → %i with a sentence', async (method, path, status) => {
    const answer = await api.call(method, path);
    expect(answer.status).toBe(status);
    expect(message(answer.text)).not.toBe('');
  });

  it('reads an upload to its end before the connection closes', async () => {
    const connection = await api.raw();
    connection.write('POST /images/load HTTP/1.1\r\nHost: d\r\nContent-Length: 5000000\r\n\r\n');
    for (let block = 0; block < 50; block += 1) connection.write(Buffer.alloc(100_000));
    await connection.until((text) => text.includes('not served'));
    connection.write('GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n');
    await connection.until((text) => text.endsWith('OK'));
    connection.socket.destroy();
  });

  it('ignores an upgrade where there is nothing to upgrade', async () => {
    const headers = { Connection: 'Upgrade', Upgrade: 'h2c' };
    expect((await api.call('POST', '/grpc', undefined, headers)).status).toBe(404);
    expect((await api.call('GET', '/version', undefined, headers)).status).toBe(200);
  });
});
