/** kill -9 in the middle of a pull, of the helper and of its warden: what is left is consistent, and the pull can be made again. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, eventually, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { startHostileRegistry } from '../harness/hostile-registry';
import { get, pull, stored, unfinished } from '../harness/images-api';
import { imageOf, layerOf, tarOf } from '../harness/oci-image';

const content = [randomBytes(1 << 20), randomBytes(2 << 20)];
const image = imageOf(content.map((bytes, at) => layerOf(tarOf({ [`file-${at}`]: bytes }))));
const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(() => daemon.stop());

/** A registry that holds the second layer after `bytes` of it; `reached` resolves then, `goOn` lets it go on. */
async function startHoldingRegistry(bytes: number) {
  let reach = () => {};
  let goOn = () => {};
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const released = new Promise<void>((resolve) => (goOn = resolve));
  let held = false;
  const registry = await startHostileRegistry(image, {
    layer: (request, response, body) => {
      if (held || !request.url?.endsWith(image.layers[1]?.digest ?? '')) return false;
      held = true;
      response.writeHead(200, { 'Content-Length': body.length });
      response.write(body.subarray(0, bytes), reach);
      void released.then(() => response.end(body.subarray(bytes)));
      return true;
    },
  });
  return { registry, reached, goOn };
}

async function expectWhole() {
  const found = await get(daemon.socket, `/images/${image.config.digest}/json`);
  expect(found.RootFS.Layers).toEqual(image.layers.map(({ diffId }) => diffId));
  for (const [at, { diffId }] of image.layers.entries()) {
    expect(sum(readFileSync(join(daemon.root, 'layers', diffId.slice(7), `file-${at}`)))).toBe(
      sum(content[at]!),
    );
  }
  expect(unfinished(daemon.root)).toEqual([]);
}

test.each([0, 1000, 300_000, 1_000_000, 2_000_000])(
  'the helper, when %i bytes of the last layer were sent',
  async (bytes) => {
    const { registry, reached } = await startHoldingRegistry(bytes);
    const name = `${registry.host}/team/app:1`;
    try {
      const pulling = pull(daemon.socket, name).then(
        () => 'answered',
        () => 'cut',
      );
      await reached;
      await daemon.kill9();
      expect(await pulling).toBe('cut');
      await daemon.start();
      // A child of the warden that was killed with the helper may still be on its way out.
      await eventually('nothing unfinished is left', () => unfinished(daemon.root).length === 0);
      expect(await get(daemon.socket, '/images/json')).toEqual([]);
      expect(stored(daemon.root)).toEqual({ layers: [], blobs: [] });
      expect((await pull(daemon.socket, name)).error).toBeUndefined();
      await expectWhole();
    } finally {
      await registry.stop();
      await call(daemon.socket, 'DELETE', `/images/${image.config.digest}?force=1`);
    }
  },
);

test('the warden alone: the pull fails and says so, nothing is left, the next one succeeds', async () => {
  const { registry, reached, goOn } = await startHoldingRegistry(500_000);
  const name = `${registry.host}/team/app:1`;
  try {
    const pulling = pull(daemon.socket, name);
    await reached;
    process.kill(daemon.wardenPid(), 'SIGKILL');
    goOn();
    expect((await pulling).error).toBeDefined();
    await eventually('nothing of it is left', () => stored(daemon.root).layers.length === 0);
    await eventually(
      'the helper has a warden again',
      async () => (await pull(daemon.socket, name)).error === undefined,
    );
    await expectWhole();
  } finally {
    await registry.stop();
  }
});
