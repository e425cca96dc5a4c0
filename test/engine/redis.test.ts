/** A server that nobody here wrote: Debian's Redis, from a registry, run as a user would. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bin, eventually, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { imageOf, writeLayout } from '../harness/oci-image';
import { programLayer } from '../harness/program-layer';
import { startRegistry } from '../harness/registry';
import type { TestRegistry } from '../harness/registry';
import { run } from '../harness/run';

let daemon: TestDaemon;
let registry: TestRegistry;
let image = '';
beforeAll(async () => {
  daemon = await startDaemon();
  registry = await startRegistry();
  const layer = programLayer('/usr/bin/redis-server', {
    'etc/passwd': 'redis:x:999:999::/data:/bin/false\n',
    'etc/group': 'redis:x:999:\n',
  });
  const redis = imageOf([layer], {
    Entrypoint: ['/usr/bin/redis-server'],
    Cmd: ['--bind', '0.0.0.0', '--protected-mode', 'no', '--save', ''],
    User: 'redis',
    WorkingDir: '/data',
    ExposedPorts: { '6379/tcp': {} },
  });
  const layout = writeLayout({ redis });
  image = await registry.push(`oci:${layout}:redis`, 'debian/redis:latest');
  rmSync(layout, { recursive: true });
});
afterAll(async () => {
  await registry.stop();
  await daemon.stop();
});

const berth = (...words: string[]) => run([bin('berth'), ...words], { env: daemon.env });

test('berth run -d -p: pulled, started, and redis-cli on the host gets PONG', async () => {
  const started = await berth('run', '-d', '--name', 'cache', '-p', '127.0.0.1:0:6379', image);
  expect(started.code).toBe(0);
  expect(started.stderr).toContain(`Unable to find image '${image}' locally`);
  expect(started.stdout.trim()).toMatch(/[0-9a-f]{64}$/);
  const published = (await berth('port', 'cache', '6379/tcp')).stdout.trim().split('\n')[0] ?? '';
  const port = published.slice(published.lastIndexOf(':') + 1);
  const redis = (...words: string[]) => run(['redis-cli', '-h', '127.0.0.1', '-p', port, ...words]);
  await eventually('Redis answers', async () => (await redis('ping')).stdout === 'PONG\n');
  expect((await redis('set', 'key', 'value')).stdout).toBe('OK\n');
  expect((await redis('get', 'key')).stdout).toBe('value\n');
  expect((await berth('logs', 'cache')).stdout).toContain('Ready to accept connections');
  expect((await berth('rm', '-f', 'cache')).code).toBe(0);
  expect((await redis('ping')).code).not.toBe(0);
});
