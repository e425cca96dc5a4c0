/** Two applications on one base image, from a registry: what they share is stored once, what they do stays apart. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { get, pull, stored } from '../harness/images-api';
import { startRegistry } from '../harness/registry';
import type { TestRegistry } from '../harness/registry';
import { run } from '../harness/run';

let daemon: TestDaemon;
let registry: TestRegistry;
beforeAll(async () => {
  daemon = await startDaemon();
  registry = await startRegistry();
}, 300_000);
afterAll(async () => {
  await registry.stop();
  await daemon.stop();
});

const docker = async (...words: string[]) => {
  const { code, stdout, stderr } = await run(['docker', ...words], { env: daemon.env });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout.trim();
};
const diskBytes = () =>
  Number(
    execFileSync('du', ['-s', '--block-size=1', join(daemon.root, 'layers')], { encoding: 'utf8' }).split(
      '\t',
    )[0],
  );
const address = async (name: string) => (await docker('port', name, '8080/tcp')).split('\n')[0] ?? '';
const post = (url: string, body: object) => fetch(url, { method: 'POST', body: JSON.stringify(body) });

/** Asks until the server in the container listens. */
async function whenReady(url: string): Promise<Response> {
  const { eventually } = await import('../harness/daemon');
  let answer: Response | undefined;
  await eventually(`${url} answers`, async () => {
    answer = await fetch(url).catch(() => undefined);
    return answer?.ok === true;
  });
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

test('the second application costs next to nothing', async () => {
  const layout = execFileSync(process.execPath, [join(projectRoot, 'scripts', 'example-images.mjs')], {
    encoding: 'utf8',
  }).trim();
  const names = [];
  for (const name of ['blog', 'chat'])
    names.push(await registry.push(`oci:${layout}:${name}:latest`, `examples/${name}:latest`));
  const empty = diskBytes();
  expect((await pull(daemon.socket, names[0]!)).error).toBeUndefined();
  const first = diskBytes() - empty;
  const { error, lines } = await pull(daemon.socket, names[1]!);
  expect(error).toBeUndefined();
  expect(lines.filter(({ status }) => status === 'Already exists')).toHaveLength(1);
  const second = diskBytes() - empty - first;
  expect(second).toBeLessThan(0.05 * first);
  expect(stored(daemon.root).layers).toHaveLength(3);
}, 300_000);

test('both run, and neither sees what the other writes', async () => {
  for (const name of ['blog', 'chat'])
    await docker(
      'run',
      '-d',
      '--name',
      name,
      '-p',
      '127.0.0.1:0:8080',
      `${registry.host}/examples/${name}:latest`,
    );
  const blog = `http://${await address('blog')}`;
  const chat = `http://${await address('chat')}`;
  await whenReady(`${blog}/posts`);
  await whenReady(`${chat}/messages`);

  expect((await post(`${blog}/posts`, { title: 'First', text: 'Hello <b>' })).status).toBe(201);
  expect((await post(`${blog}/posts`, { title: 1 })).status).toBe(400);
  expect(await (await fetch(`${blog}/`)).text()).toContain('<p>Hello &#60;b&#62;</p>');

  const events = await fetch(`${chat}/events`);
  expect((await post(`${chat}/messages`, { from: 'ann', text: 'hi' })).status).toBe(201);
  const reader = events.body!.getReader();
  let heard = '';
  while (!heard.includes('\n\n')) heard += Buffer.from((await reader.read()).value ?? []).toString();
  await reader.cancel();
  expect(JSON.parse(heard.slice('data: '.length))).toMatchObject({ from: 'ann', text: 'hi' });

  expect(await docker('exec', 'blog', 'ls', '/var/lib')).toContain('blog');
  await docker('exec', '-u', 'root', 'blog', 'sh', '-c', 'echo changed > /etc/only-here && rm /usr/bin/git');
  const other = await run(['docker', 'exec', 'chat', 'cat', '/etc/only-here'], { env: daemon.env });
  expect(other.code).toBe(1);
  expect(await docker('exec', 'chat', 'git', '--version')).toMatch(/^git version/);
  expect(readdirSync(join(daemon.root, 'layers'))).toHaveLength(3);
  expect(await docker('logs', 'chat')).toBe('chat: port 8080');
});

test('an image that a container uses is not removed; with force only its name goes until the container does', async () => {
  const name = `${registry.host}/examples/chat:latest`;
  const refused = await run(['docker', 'rmi', name], { env: daemon.env });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /conflict: unable to remove repository reference .* \(must force\) - container [0-9a-f]{12} is using its referenced image [0-9a-f]{12}/,
  );
  expect(await docker('rmi', '-f', name)).toContain(`Untagged: ${name}`);
  expect(await docker('exec', 'chat', 'git', '--version')).toMatch(/^git version/);
  expect(stored(daemon.root).layers).toHaveLength(3);
  await docker('rm', '-f', '-v', 'blog', 'chat');
  const { eventually } = await import('../harness/daemon');
  await eventually(
    'its own layer goes with its last container',
    () => stored(daemon.root).layers.length === 2,
  );
  expect(await get(daemon.socket, '/images/json')).toHaveLength(1);
});
