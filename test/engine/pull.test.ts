import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { get, importTar, pull, stored, unfinished } from '../harness/images-api';
import { busyboxLayer, imageOf, layerOf, tarOf, writeLayout } from '../harness/oci-image';
import { startRegistry } from '../harness/registry';
import type { TestRegistry } from '../harness/registry';
import { run } from '../harness/run';
import { asDeveloper, dev } from '../harness/user';

let daemon: TestDaemon;
let registry: TestRegistry;
let guarded: TestRegistry;
let layout = '';
const base = busyboxLayer();
const first = imageOf([base, layerOf(tarOf({ 'app/name': 'first' }))], {
  Cmd: ['cat', '/app/name'],
  Env: ['PATH=/bin'],
  Labels: { kind: 'test' },
});
const second = imageOf([base, layerOf(tarOf({ 'app/name': 'second' }), 'zstd')]);
const plain = imageOf([layerOf(tarOf({ 'only/file': 'x'.repeat(10_000) }), 'none')]);

beforeAll(async () => {
  daemon = await startDaemon();
  registry = await startRegistry();
  guarded = await startRegistry({ login: true });
  layout = writeLayout({ first, second, plain });
  await registry.push(`oci:${layout}:first`, 'team/first:1');
  await registry.push(`oci:${layout}:second`, 'team/second:1');
  await registry.push(`oci:${layout}:plain`, 'team/plain:1');
  await guarded.push(`oci:${layout}:plain`, 'team/secret:1');
});
afterAll(async () => {
  await registry.stop();
  await guarded.stop();
  rmSync(layout, { recursive: true, force: true });
  await daemon.stop();
});

const short = (digest: string | undefined) => digest?.slice(7, 19);
const docker = (...words: string[]) => run(['docker', ...words], { env: daemon.env });
/** Calls the API as the unprivileged developer. */
const asDev = (method: string, path: string) => {
  const script = `const r=require('http').request({socketPath:process.argv[1],method:process.argv[2],path:process.argv[3]},s=>{let t='';s.on('data',c=>t+=c);s.on('end',()=>console.log(JSON.stringify({status:s.statusCode,body:t})))});r.end()`;
  const { stdout, stderr } = asDeveloper([process.execPath, '-e', script, daemon.socket, method, path]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as { status: number; body: string };
};

describe('a pull, from a real registry', () => {
  test('Docker’s lines, in Docker’s order', async () => {
    const { lines, error } = await pull(daemon.socket, `${registry.host}/team/first:1`);
    expect(error).toBeUndefined();
    expect(lines[0]).toEqual({ status: 'Pulling from team/first', id: '1' });
    for (const layer of first.layers) {
      const states = lines.filter(({ id }) => id === short(layer.digest)).map(({ status }) => status);
      expect(states.filter((state) => state !== 'Downloading' && state !== 'Waiting')).toEqual([
        'Pulling fs layer',
        'Verifying Checksum',
        'Download complete',
        'Extracting',
        'Pull complete',
      ]);
    }
    expect(lines.at(-2)?.status).toBe(`Digest: ${first.manifest.digest}`);
    expect(lines.at(-1)?.status).toBe(`Status: Downloaded newer image for ${registry.host}/team/first:1`);
  });

  test('again: it is there already', async () => {
    const { lines } = await pull(daemon.socket, `${registry.host}/team/first:1`);
    expect(lines.slice(1, 3).map(({ status }) => status)).toEqual(['Already exists', 'Already exists']);
    expect(lines.at(-1)?.status).toBe(`Status: Image is up to date for ${registry.host}/team/first:1`);
  });

  test('a second image of the same base: only what is new comes, and the base is on the disk once', async () => {
    const before = stored(daemon.root).layers;
    const { lines } = await pull(daemon.socket, `${registry.host}/team/second:1`);
    expect(lines.filter(({ status }) => status === 'Already exists').map(({ id }) => id)).toEqual([
      short(first.layers[0]?.digest),
    ]);
    const added = stored(daemon.root).layers.filter((name) => !before.includes(name));
    expect(added).toEqual([second.layers[1]?.diffId.slice(7)]);
    expect(readFileSync(join(daemon.root, 'layers', added[0] ?? '', 'app/name'), 'utf8')).toBe('second');
  });

  test('by digest, and a layer without compression', async () => {
    const { lines, error } = await pull(
      daemon.socket,
      `${registry.host}/team/plain@${plain.manifest.digest}`,
    );
    expect(error).toBeUndefined();
    expect(lines.at(-1)?.status).toBe(
      `Status: Downloaded newer image for ${registry.host}/team/plain@${plain.manifest.digest}`,
    );
    const image = await get(
      daemon.socket,
      `/images/${registry.host}/team/plain@${plain.manifest.digest}/json`,
    );
    expect(image).toMatchObject({
      Id: plain.config.digest,
      RepoTags: [],
      RepoDigests: [`${registry.host}/team/plain@${plain.manifest.digest}`],
    });
  });

  test('what the image says of itself', async () => {
    const image = await get(daemon.socket, `/images/${registry.host}/team/first:1/json`);
    expect(image).toMatchObject({
      Id: first.config.digest,
      Architecture: process.arch === 'x64' ? 'amd64' : 'arm64',
      Os: 'linux',
      Config: { Cmd: ['cat', '/app/name'], Env: ['PATH=/bin'], Labels: { kind: 'test' } },
      RootFS: { Type: 'layers', Layers: first.layers.map(({ diffId }) => diffId) },
    });
    const history = await get(daemon.socket, `/images/${first.config.digest}/history`);
    expect(history.map(({ CreatedBy }: { CreatedBy: string }) => CreatedBy)).toEqual(['layer 1', 'layer 0']);
  });

  test('two at once: each layer is downloaded by one of them', async () => {
    const big = imageOf([
      layerOf(tarOf({ a: Buffer.alloc(8 << 20, 'a') })),
      layerOf(tarOf({ b: Buffer.alloc(8 << 20, 'b') })),
    ]);
    const own = writeLayout({ big });
    try {
      const name = await registry.push(`oci:${own}:big`, 'team/big:1');
      const results = await Promise.all([
        pull(daemon.socket, name),
        pull(daemon.socket, name),
        pull(daemon.socket, name),
      ]);
      expect(results.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
      expect(unfinished(daemon.root)).toEqual([]);
      for (const { diffId } of big.layers) expect(stored(daemon.root).layers).toContain(diffId.slice(7));
    } finally {
      rmSync(own, { recursive: true });
    }
  });
});

describe('over TLS', () => {
  test('from an authority that the configuration names; from an unknown one never, and never without TLS instead', async () => {
    const secure = await startRegistry({ tls: true, login: true });
    const trusting = await startDaemon({ config: { registryCertificates: [secure.authority!] } });
    try {
      const name = await secure.push(`oci:${layout}:plain`, 'team/secure:1');
      const { error, lines } = await pull(trusting.socket, name, { login: secure.credentials! });
      expect(error).toBeUndefined();
      expect(lines.at(-1)?.status).toBe(`Status: Downloaded newer image for ${name}`);
      const untrusted = await pull(daemon.socket, name, { login: secure.credentials! });
      expect(untrusted.error).toMatch(/could not prove who it is: .*registryCertificates/);
    } finally {
      await trusting.stop();
      await secure.stop();
    }
  });
});

describe('wrong input', () => {
  const refused = async (
    name: string,
    message: RegExp | string,
    options: Parameters<typeof pull>[2] = {},
  ) => {
    const before = stored(daemon.root);
    const { error } = await pull(daemon.socket, name, options);
    expect(error).toMatch(message);
    expect(stored(daemon.root)).toEqual(before);
  };

  test('unknown tag', () =>
    refused(
      `${registry.host}/team/first:none`,
      `manifest for ${registry.host}/team/first:none not found: manifest unknown`,
    ));
  test('unknown repository', () => refused(`${registry.host}/no/such:1`, 'not found'));
  test('no credentials', () =>
    refused(
      `${guarded.host}/team/secret:1`,
      `pull access denied for ${guarded.host}/team/secret, repository does not exist or may require 'docker login'`,
    ));
  test('wrong credentials', () =>
    refused(`${guarded.host}/team/secret:1`, 'unauthorized: incorrect username or password', {
      login: { username: 'tester', password: 'wrong' },
    }));
  test('a platform that the image is not for', () =>
    refused(`${registry.host}/team/first:1`, 'does not match the specified platform', {
      platform: 'linux/s390x',
    }));
  test('a name that is none', () => refused(`${registry.host}/Team:1`, 'invalid reference format'));

  test('a registry that is down', async () => {
    const gone = await startRegistry();
    await gone.stop();
    await refused(`${gone.host}/a:1`, `The registry ${gone.host} cannot be reached`);
  });

  test('a layer that is damaged where the registry keeps it', async () => {
    const victim = imageOf([layerOf(tarOf({ 'victim.txt': 'v'.repeat(50_000) }))]);
    const own = writeLayout({ victim });
    const name = await registry.push(`oci:${own}:victim`, 'team/victim:1');
    rmSync(own, { recursive: true });
    const hex = victim.layers[0]?.digest.slice(7) ?? '';
    const path = join(
      registry.directory,
      `storage/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`,
    );
    expect(existsSync(path)).toBe(true);
    execFileSync('dd', ['if=/dev/urandom', `of=${path}`, 'bs=1', 'count=8', 'seek=40', 'conv=notrunc'], {
      stdio: 'ignore',
    });
    await refused(name, /verification failed|failed to register layer/);
  });

  test('docker login tells right from wrong', async () => {
    const { username, password } = guarded.credentials ?? { username: '', password: '' };
    const right = await call(daemon.socket, 'POST', '/auth', {
      username,
      password,
      serveraddress: guarded.host,
    });
    expect([right.status, JSON.parse(right.body)]).toMatchObject([200, { Status: 'Login Succeeded' }]);
    const wrong = await call(daemon.socket, 'POST', '/auth', {
      username,
      password: 'no',
      serveraddress: guarded.host,
    });
    expect([wrong.status, JSON.parse(wrong.body).message]).toEqual([
      401,
      `Get "https://${guarded.host}/v2/": unauthorized: incorrect username or password`,
    ]);
  });
});

describe('who sees what', () => {
  const name = () => `${guarded.host}/team/secret:1`;

  test('an image that was pulled with credentials is the puller’s (and administrators’)', async () => {
    const { error } = await pull(daemon.socket, name(), { login: guarded.credentials! });
    expect(error).toBeUndefined();
    expect((await call(daemon.socket, 'GET', `/images/${name()}/json`)).status).toBe(200);
    const answer = asDev('GET', `/images/${name()}/json`);
    expect([answer.status, JSON.parse(answer.body).message]).toEqual([404, `No such image: ${name()}`]);
    expect(asDev('GET', '/images/json').body).not.toContain('team/secret');
  });

  test('what an administrator pulled without them is everybody’s to see, and not to remove or move', () => {
    const shared = `${registry.host}/team/first:1`;
    expect(asDev('GET', `/images/${shared}/json`).status).toBe(200);
    expect(asDev('DELETE', `/images/${shared}`).status).toBe(403);
    // Another image under the same name is the developer's own affair: everybody else still gets theirs.
    expect(
      asDev('POST', `/images/${registry.host}/team/second:1/tag?repo=${registry.host}/team/first&tag=1`)
        .status,
    ).toBe(201);
    expect(JSON.parse(asDev('GET', `/images/${shared}/json`).body).Id).toBe(second.config.digest);
    return expect(get(daemon.socket, `/images/${shared}/json`)).resolves.toMatchObject({
      Id: first.config.digest,
    });
  });

  test('and the developer can take back their own name', async () => {
    expect(asDev('DELETE', `/images/${registry.host}/team/first:1`).status).toBe(200);
    expect(JSON.parse(asDev('GET', `/images/${registry.host}/team/first:1/json`).body).Id).toBe(
      first.config.digest,
    );
    expect(dev.uid).not.toBe(0);
    await Promise.resolve();
  });
});

describe('removal, by Docker’s rules', () => {
  test('the last name takes the image along, and layers that nobody else has', async () => {
    const other = imageOf([base, layerOf(tarOf({ unique: 'unique' }))]);
    const own = writeLayout({ other });
    const name = await registry.push(`oci:${own}:other`, 'team/other:1');
    rmSync(own, { recursive: true });
    await pull(daemon.socket, name);
    await call(daemon.socket, 'POST', `/images/${name}/tag?repo=alias&tag=x`);
    const conflict = await call(daemon.socket, 'DELETE', `/images/${other.config.digest}`);
    expect([conflict.status, JSON.parse(conflict.body).message]).toEqual([
      409,
      `conflict: unable to delete ${short(other.config.digest) ?? ''} (must be forced) - image is referenced in multiple repositories`,
    ]);
    const untagged = await call(daemon.socket, 'DELETE', `/images/${name}`);
    expect(JSON.parse(untagged.body)).toEqual([
      { Untagged: name },
      { Untagged: `${name.replace(/:1$/, '')}@${other.manifest.digest}` },
    ]);
    const deleted = JSON.parse((await call(daemon.socket, 'DELETE', '/images/alias:x')).body);
    expect(deleted.slice(0, 2)).toEqual([{ Untagged: 'alias:x' }, { Deleted: other.config.digest }]);
    expect(deleted).toHaveLength(3);
    expect(stored(daemon.root).layers).not.toContain(other.layers[1]?.diffId.slice(7));
    expect(stored(daemon.root).layers).toContain(base.diffId.slice(7));
    const gone = await call(daemon.socket, 'GET', '/images/alias:x/json');
    expect([gone.status, JSON.parse(gone.body).message]).toEqual([404, 'No such image: alias:x']);
  });

  test('unknown: Docker’s words', async () => {
    const answer = await call(daemon.socket, 'DELETE', '/images/nothing');
    expect([answer.status, JSON.parse(answer.body).message]).toEqual([404, 'No such image: nothing:latest']);
  });
});

describe('the docker CLI, unmodified', () => {
  test('pull prints what it prints with Docker', async () => {
    const name = `${registry.host}/team/second:1`;
    const { code, stdout, stderr } = await docker('pull', name);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1: Pulling from team\/second\n/);
    expect(stdout).toContain(
      `Digest: ${second.manifest.digest}\nStatus: Image is up to date for ${name}\n${name}\n`,
    );
  });

  test('pull fails with 1 and the reason', async () => {
    const { code, stderr } = await docker('pull', `${registry.host}/team/first:none`);
    expect(code).toBe(1);
    expect(stderr).toContain('manifest unknown');
  });

  test('import, images, history, rmi', async () => {
    const { error, lines } = await importTar(daemon.socket, tarOf({ 'hello.txt': 'hi' }), 'imported:1', [
      'CMD ["cat", "/hello.txt"]',
      'ENV A="b c"',
    ]);
    expect(error).toBeUndefined();
    expect(lines.at(-1)?.status).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await get(daemon.socket, '/images/imported:1/json')).toMatchObject({
      Config: { Cmd: ['cat', '/hello.txt'], Env: ['A=b c'] },
    });
    const { stdout } = await docker(
      'images',
      '--format',
      '{{.Repository}}:{{.Tag}}',
      '--filter',
      'reference=imported',
    );
    expect(stdout).toBe('imported:1\n');
    expect((await docker('history', 'imported:1')).code).toBe(0);
    expect((await docker('rmi', 'imported:1')).stdout).toMatch(/^Untagged: imported:1\nDeleted: sha256:/);
  });
});

describe('after a kill -9', () => {
  test('what was acknowledged is there, what was not is gone', async () => {
    const before = await get(daemon.socket, '/images/json');
    await daemon.kill9();
    await daemon.start();
    expect(await get(daemon.socket, '/images/json')).toEqual(before);
    expect(unfinished(daemon.root)).toEqual([]);
    const { lines } = await pull(daemon.socket, `${registry.host}/team/first:1`);
    expect(lines.at(-1)?.status).toMatch(/^Status: Image is up to date/);
  });

  test('the embedded images need no registry', async () => {
    const { lines } = await pull(daemon.socket, 'berth/hello');
    expect(lines.at(-1)?.status).toBe('Status: Downloaded newer image for berth/hello:latest');
    expect(asDev('GET', '/images/berth/hello/json').status).toBe(200);
    expect(
      (
        await call(
          daemon.socket,
          'POST',
          `/images/${registry.host}/team/first:1/tag?repo=berth/hello&tag=latest`,
        )
      ).status,
    ).toBe(409);
  });
});
