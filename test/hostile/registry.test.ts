import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { startHostileRegistry } from '../harness/hostile-registry';
import type { HostileRegistry, Tricks } from '../harness/hostile-registry';
import { get, pull, stored, unfinished } from '../harness/images-api';
import type { Login } from '../harness/images-api';
import { imageOf, layerOf, sha256, tarOf } from '../harness/oci-image';
import type { MadeImage } from '../harness/oci-image';

let daemon: TestDaemon;
let registry: HostileRegistry | undefined;
beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(() => daemon.stop());
afterEach(async () => {
  await registry?.stop();
  registry = undefined;
});

const small = imageOf([layerOf(tarOf({ 'a.txt': 'hello' }))]);
/** Random, so that it does not shrink: 2 MiB on the wire. */
const large = imageOf([layerOf(tarOf({ 'big.bin': randomBytes(2 << 20) }))]);

async function pullFrom(image: MadeImage, tricks: Tricks, login?: Login) {
  registry = await startHostileRegistry(image, tricks);
  return pull(daemon.socket, `${registry.host}/team/app:1`, login === undefined ? {} : { login });
}

async function expectRefused(image: MadeImage, tricks: Tricks, message: RegExp) {
  const { error } = await pullFrom(image, tricks);
  expect(error).toMatch(message);
  await expectNothingLeft();
}

async function expectNothingLeft() {
  expect(await get(daemon.socket, '/images/json?all=1')).toEqual([]);
  expect(stored(daemon.root)).toEqual({ layers: [], blobs: [] });
}

async function removeAll() {
  const { call } = await import('../harness/daemon');
  for (const { Id } of await get(daemon.socket, '/images/json'))
    await call(daemon.socket, 'DELETE', `/images/${Id}?force=1`);
  await expectNothingLeft();
}

describe('bytes that are not what was promised', () => {
  test('wrong bytes of the right size', () =>
    expectRefused(
      large,
      {
        layer: (_, response, bytes) => {
          const other = Buffer.from(bytes);
          other[other.length - 9] = (other[other.length - 9] ?? 0) ^ 1;
          response.end(other);
          return true;
        },
      },
      /layer-damaged|verification failed|failed to register layer/,
    ));

  test('another archive of the right size', () => {
    const [layer] = small.layers;
    const other = gzipSync(tarOf({ 'a.txt': 'hullo' }));
    const padded = Buffer.concat([
      other,
      Buffer.alloc(Math.max(0, (layer?.bytes.length ?? 0) - other.length)),
    ]).subarray(0, layer?.bytes.length);
    return expectRefused(
      small,
      { layer: (_, response) => (response.end(padded), true) },
      /verification failed|failed to register layer/,
    );
  });

  test('more bytes than the manifest says, with and without a length', async () => {
    const more = (bytes: Buffer) => Buffer.concat([bytes, randomBytes(100_000)]);
    await expectRefused(
      large,
      { layer: (_, response, bytes) => (response.end(more(bytes)), true) },
      /the registry sends more/,
    );
    await registry?.stop();
    await expectRefused(
      large,
      {
        layer: (_, response, bytes) => {
          response.writeHead(200, { 'Transfer-Encoding': 'chunked' });
          response.end(more(bytes));
          return true;
        },
      },
      /the registry sends more/,
    );
  });

  test('fewer bytes, always: tried a bounded number of times', async () => {
    await expectRefused(
      large,
      { layer: (_, response, bytes) => (response.end(bytes.subarray(0, 1000)), true) },
      /cannot be reached|verification failed|sends others/,
    );
    expect(registry?.asked.length).toBeLessThan(20);
  });

  test('the configuration names another layer', () => {
    const bad = imageOf(
      small.layers,
      {},
      { config: { rootfs: { type: 'layers', diff_ids: [`sha256:${'1'.repeat(64)}`] } } },
    );
    return expectRefused(bad, {}, /don't match image configuration/);
  });

  test('a manifest that is not the one that was asked for by its digest', async () => {
    registry = await startHostileRegistry(small);
    const { error } = await pull(daemon.socket, `${registry.host}/team/app@sha256:${'2'.repeat(64)}`);
    expect(error).toMatch(/manifest verification failed/);
    await expectNothingLeft();
  });
});

test('a small download that would become three gigabytes: refused, and nothing is left', async () => {
  const size = 3 * 2 ** 30;
  const member = Buffer.alloc(512);
  member.write('bomb');
  member.write('0000644\0', 100);
  member.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  member.write('        0', 148);
  member.write('ustar\x0000', 257);
  const sum = member.reduce((total, byte) => total + byte, 0);
  member.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const zeros = gzipSync(Buffer.alloc(64 << 20));
  const bytes = Buffer.concat([
    gzipSync(member),
    ...Array<Buffer>(48).fill(zeros),
    gzipSync(Buffer.alloc(1024)),
  ]);
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  const layer = { bytes, digest: sha256(bytes), diffId: `sha256:${'3'.repeat(64)}`, mediaType };
  expect(bytes.length).toBeLessThan(4 << 20);
  await expectRefused(imageOf([layer]), {}, /limit|too large|more than/);
});

describe('connections that break', () => {
  test('cut three times: resumed by ranges, hardly a byte twice', async () => {
    let cuts = 0;
    const { error, lines } = await pullFrom(large, {
      layer: (request, response, bytes) => {
        if (cuts === 3) return false;
        cuts += 1;
        const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
        const part = bytes.subarray(from, from + 500_000);
        const headers = {
          'Content-Length': bytes.length - from,
          ...(from === 0 ? {} : { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
        };
        response.writeHead(from === 0 ? 200 : 206, headers);
        response.write(part, () => response.destroy());
        return true;
      },
    });
    expect(error).toBeUndefined();
    expect(lines.at(-1)?.status).toMatch(
      /^Status: Downloaded newer image for 127\.0\.0\.1:\d+\/team\/app:1$/,
    );
    const ranges = registry?.asked.flatMap(({ range }) => range ?? []) ?? [];
    expect(ranges.length).toBe(3);
    expect(unfinished(daemon.root)).toEqual([]);
    await removeAll();
  });

  test('a registry that cannot resume sends everything again, and it still fits', async () => {
    let cuts = 0;
    const { error } = await pullFrom(large, {
      layer: (_, response, bytes) => {
        response.writeHead(200, { 'Content-Length': bytes.length });
        cuts += 1;
        if (cuts > 1) response.end(bytes);
        else response.write(bytes.subarray(0, 700_000), () => response.destroy());
        return true;
      },
    });
    expect(error).toBeUndefined();
    expect(cuts).toBe(2);
    await removeAll();
  });

  test('a range that is not the one asked for', () => {
    let cuts = 0;
    return expectRefused(
      large,
      {
        layer: (_, response, bytes) => {
          cuts += 1;
          if (cuts === 1) {
            response.writeHead(200, { 'Content-Length': bytes.length });
            response.write(bytes.subarray(0, 700_000), () => response.destroy());
          } else {
            response.writeHead(206, { 'Content-Range': `bytes 0-${bytes.length - 1}/${bytes.length}` });
            response.end(bytes);
          }
          return true;
        },
      },
      /sends others/,
    );
  });

  test('a registry that stops answering in the middle: the client’s going away ends it, and nothing is left', async () => {
    let stalled = () => {};
    const inTheMiddle = new Promise<void>((resolve) => (stalled = resolve));
    registry = await startHostileRegistry(large, {
      layer: (_, response, bytes) => {
        response.writeHead(200, { 'Content-Length': bytes.length });
        response.write(bytes.subarray(0, 700_000), stalled);
        return true;
      },
    });
    const gone = new AbortController();
    const pulling = pull(daemon.socket, `${registry.host}/team/app:1`, { signal: gone.signal });
    await inTheMiddle;
    gone.abort();
    await expect(pulling).rejects.toThrow();
    const { eventually } = await import('../harness/daemon');
    await eventually('the abandoned pull is cleaned up', () => stored(daemon.root).layers.length === 0);
    await expectNothingLeft();
  });
});

describe('manifests that lie', () => {
  const withManifest = (value: unknown, type?: string): Tricks => ({
    manifest: (_, response) => {
      if (type !== undefined) response.setHeader('Content-Type', type);
      response.end(JSON.stringify(value));
      return true;
    },
  });
  const proper = JSON.parse(small.manifest.bytes.toString());

  test('schema 1', () =>
    expectRefused(
      small,
      withManifest(
        { schemaVersion: 1, name: 'x', fsLayers: [] },
        'application/vnd.docker.distribution.manifest.v1+prettyjws',
      ),
      /schema version 1/,
    ));
  test('both kinds at once', () =>
    expectRefused(small, withManifest({ ...proper, manifests: [] }), /both layers and manifests/));
  test('a type that is not its own', () =>
    expectRefused(
      small,
      withManifest({ ...proper, mediaType: 'application/vnd.oci.image.index.v1+json' }),
      /itself it says/,
    ));
  test('a digest that is a path', () =>
    expectRefused(
      small,
      withManifest({ ...proper, config: { ...proper.config, digest: 'sha256:../../../etc/shadow' } }),
      /config\.digest/,
    ));
  test('five megabytes', () =>
    expectRefused(
      small,
      { manifest: (_, response) => (response.end(Buffer.alloc(5 << 20, ' ')), true) },
      /larger than/,
    ));
  test('an endless one', () =>
    expectRefused(
      small,
      {
        manifest: (_, response) => {
          const more = () => {
            while (response.writable && response.write(Buffer.alloc(65_536, ' ')));
          };
          response.on('drain', more);
          more();
          return true;
        },
      },
      /larger than/,
    ));
  test('129 layers', () =>
    expectRefused(
      small,
      withManifest({ ...proper, layers: Array(129).fill(proper.layers[0]) }),
      /more than 128/,
    ));
  test('a configuration of a terabyte', () =>
    expectRefused(
      small,
      withManifest({ ...proper, config: { ...proper.config, size: 2 ** 39 } }),
      /configuration is refused/,
    ));
  test('null everywhere', () =>
    expectRefused(small, withManifest({ schemaVersion: 2, config: null, layers: null }), /refused/));
  test('a web page', () =>
    expectRefused(
      small,
      {
        manifest: (_, response) => (
          response.setHeader('Content-Type', 'text/html'),
          response.end('<html>'),
          true
        ),
      },
      /media type/,
    ));
  test('an index in an index', () => {
    const index = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [] as object[],
    };
    const platform = { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : 'arm64' };
    const inner = Buffer.from(JSON.stringify(index));
    const outer = {
      ...index,
      manifests: [{ mediaType: index.mediaType, digest: sha256(inner), size: inner.length, platform }],
    };
    return expectRefused(
      small,
      {
        manifest: (request, response) => {
          response.setHeader('Content-Type', index.mediaType);
          response.end(request.url?.includes('sha256:') === true ? inner : JSON.stringify(outer));
          return true;
        },
      },
      /names another index/,
    );
  });
});

describe('redirects and token servers', () => {
  const login = { username: 'secret-user', password: 'secret-word' };
  const basic = `Basic ${Buffer.from('secret-user:secret-word').toString('base64')}`;
  const redirect = (location: string): Tricks => ({
    layer: (_, response) => (response.writeHead(307, { Location: location }).end(), true),
  });

  test.each([
    'http://169.254.169.254/latest/meta-data',
    'http://example.com/x',
    'file:///etc/passwd',
    'unix:/run/x.sock',
    'https://169.254.169.254/',
    'http://user:pass@127.0.0.1/',
  ])('to %s: refused', (location) => expectRefused(small, redirect(location), /points to|redirects to/));

  test('in a circle: refused', () =>
    expectRefused(
      small,
      {
        layer: (request, response) => (response.writeHead(302, { Location: request.url ?? '' }).end(), true),
      },
      /redirects more than/,
    ));

  test('to another origin: followed, without the credentials', async () => {
    const seen: (string | undefined)[] = [];
    const [layer] = small.layers;
    const storage = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end(layer?.bytes);
    });
    await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
    const { port } = storage.address() as { port: number };
    const { error } = await pullFrom(
      small,
      {
        any: (request, response) => {
          if (request.headers.authorization === basic) return false;
          response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
          return true;
        },
        ...redirect(`http://127.0.0.1:${port}/blob`),
      },
      login,
    );
    storage.close();
    expect(error).toBeUndefined();
    expect(seen).toEqual([undefined]);
    expect(registry?.asked.some(({ authorization }) => authorization === basic)).toBe(true);
    await removeAll();
  });

  test.each(['http://169.254.169.254/token', 'http://example.com/token', 'ftp://127.0.0.1/token', 'no url'])(
    'a token server at %s: refused, nothing sent',
    async (realm) => {
      const { error } = await pullFrom(
        small,
        {
          any: (request, response) =>
            request.url === '/v2/'
              ? false
              : (response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="${realm}"` }).end(), true),
        },
        login,
      );
      expect(error).toMatch(/points to|no usable token server/);
      expect(registry?.asked.every(({ authorization }) => authorization === undefined)).toBe(true);
      await expectNothingLeft();
    },
  );

  test('credentials of another registry are not sent at all', async () => {
    registry = await startHostileRegistry(small);
    const elsewhere = { ...login, serveraddress: 'registry.example.com' };
    const { error } = await pull(daemon.socket, `${registry.host}/team/app:1`, { login: elsewhere });
    expect(error).toMatch(/they were not sent/);
    expect(registry.asked).toEqual([]);
  });

  test('a token that would be a second header: refused', async () => {
    const { error } = await pullFrom(small, {
      any: (request, response) => {
        if (request.url?.startsWith('/token') === true)
          response.end(JSON.stringify({ token: 'a\r\nX-Evil: 1' }));
        else if (request.url === '/v2/') return false;
        else
          response
            .writeHead(401, {
              'WWW-Authenticate': `Bearer realm="http://${request.headers.host ?? ''}/token"`,
            })
            .end();
        return true;
      },
    });
    expect(error).toMatch(/no usable token/);
    await expectNothingLeft();
  });
});
