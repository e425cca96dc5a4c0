import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineClient } from '../../../../core/engine/client';
import { copyOutput } from '../../../../core/engine/stdcopy';
import { EngineRequestError, isAbort } from '../../../../core/error';
import { localTransport } from '../../../../core/hosts/local';
import type { ProgressLine } from '../../../../protocol/docker';
import { startApi, type ApiFixture } from '../../helper-daemon/api/api-fixture';

let api: ApiFixture;
let client: EngineClient;
beforeEach(async () => {
  api = await startApi();
  client = new EngineClient(localTransport(api.socketPath));
});
afterEach(async () => {
  client.close();
  await api[Symbol.asyncDispose]();
});

const started = async (...command: string[]) => {
  const { Id } = await client.containers.create({ Image: 'busybox', Cmd: command });
  await client.containers.start(Id);
  return Id;
};

describe('the engine client against the real HTTP layer', () => {
  it('pings, and asks for version and policy', async () => {
    expect((await client.ping()).apiVersion).toBe('1.51');
    expect((await client.version()).Version).toBe('28.2.2+berth0.1.0');
    expect(await client.policy()).toEqual({ Uid: 0, Gid: 0, Admin: true });
  });

  it('runs a container from create to its exit code, and misses no output of a process that ends at once', async () => {
    const { Id } = await client.containers.create({ Image: 'busybox', Cmd: ['both'] }, { name: 'quick' });
    const attached = await client.containers.attach(Id);
    const { exit } = await client.containers.wait(Id, { condition: 'next-exit' });
    attached.stream.end();
    expect(await client.containers.start(Id)).toBe(true);
    const [out, err] = [new PassThrough(), new PassThrough()];
    await copyOutput(attached, out, err);
    expect((await exit).StatusCode).toBe(0);
    expect(await text(out.end())).toBe('to stdout\n');
    expect(await text(err.end())).toBe('to stderr\n');
  });

  it('passes stdin and its end by half-close', async () => {
    const { Id } = await client.containers.create({ Image: 'busybox', Cmd: ['cat'], OpenStdin: true });
    const attached = await client.containers.attach(Id, { stdin: true });
    await client.containers.start(Id);
    const input = 'a line\n'.repeat(50_000);
    Readable.from([input]).pipe(attached.stream);
    const out = new PassThrough();
    const all = text(out);
    await copyOutput(attached, out, new PassThrough());
    out.end();
    expect(await all).toBe(input);
  });

  it('tells starting and stopping from what was so already', async () => {
    const id = await started('sleep');
    expect(await client.containers.start(id)).toBe(false);
    expect(await client.containers.stop(id)).toBe(true);
    await expect.poll(async () => (await client.containers.inspect(id)).State.Running).toBe(false);
    expect(await client.containers.stop(id)).toBe(false);
  });

  it('gives the helper’s refusals with status and wording', async () => {
    const failure = await client.containers.inspect('nobody').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EngineRequestError);
    expect(failure).toMatchObject({ status: 404, message: 'No such container: nobody' });
    await expect(client.containers.attach('nobody')).rejects.toMatchObject({ status: 404 });
    await expect(client.containers.wait('nobody')).rejects.toMatchObject({ status: 404 });
  });

  it('executes commands: output apart, exit codes as results, stdin to its end', async () => {
    const id = await started('sleep');
    expect(await client.exec(id, { command: ['both'] })).toEqual({
      stdout: 'to stdout\n',
      stderr: 'to stderr\n',
      exitCode: 0,
    });
    expect((await client.exec(id, { command: ['exit', '7'] })).exitCode).toBe(7);
    expect((await client.exec(id, { command: ['cat'], stdin: 'typed' })).stdout).toBe('typed');
    await expect(client.exec(id, { command: ['nope'] })).rejects.toMatchObject({ status: 400 });
  });

  it('joins terminals raw, and resizes them', async () => {
    const id = await started('sleep');
    const size = { rows: 40, columns: 100 };
    const running = await client.spawn(id, { command: ['cat'], stdin: true, tty: true, size });
    await running.resize({ rows: 41, columns: 101 });
    running.stdin.end('raw \x03 bytes');
    running.stderr.resume();
    expect(await text(running.stdout)).toBe('raw \x03 bytes');
    expect(await running.exitCode).toBe(0);
    expect([...api.engine.execs.values()][0]?.process.sizes).toContainEqual([41, 101]);
  });

  it('follows logs until the signal aborts', async () => {
    const id = await started('both');
    const done = await client.containers.logs(id);
    const out = new PassThrough();
    await copyOutput(done, out, out);
    expect(await text(out.end())).toBe('to stdout\nto stderr\n');

    const running = await started('sleep');
    const stop = new AbortController();
    const following = await client.containers.logs(running, { follow: true, signal: stop.signal });
    const reading = copyOutput(following, new PassThrough(), new PassThrough()).catch(
      (error: unknown) => error,
    );
    stop.abort();
    expect(isAbort(await reading)).toBe(true);
  });

  it('pulls with progress and credentials, and turns a failure in the middle into an error', async () => {
    const lines: ProgressLine[] = [];
    const auth = { username: 'me', password: 'sécret/+' };
    await client.images.pull('localhost:5000/team/app', { auth, onProgress: (line) => lines.push(line) });
    expect(api.engine.pulls[0]).toMatchObject({ reference: 'localhost:5000/team/app:latest', auth });
    expect(lines.filter((line) => line.status === 'Downloading').at(-1)?.progressDetail?.current).toBe(20);
    await expect(client.images.pull('broken')).rejects.toThrow('the registry went away');
    await expect(client.images.pull('missing/x')).rejects.toMatchObject({ status: 404 });
  });

  it('cancels a pull in the helper when the signal aborts', async () => {
    const stop = new AbortController();
    const pulling = client.images.pull('stuck', { signal: stop.signal, onProgress: () => stop.abort() });
    expect(isAbort(await pulling.catch((error: unknown) => error))).toBe(true);
    await expect.poll(() => api.engine.pulls[0]?.signal.aborted).toBe(true);
  });

  it('imports a stream with backpressure', async () => {
    const block = Buffer.alloc(1 << 20, 'x');
    const id = await client.images.import(Readable.from([block, block]), { repository: 'a/b:1' });
    expect(id).toBe('sha256:1234');
    expect(Buffer.concat(api.engine.imported).length).toBe(2 << 20);
  });

  it('iterates events with filters, and ends quietly', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of client.events({ filters: { type: ['container'] }, signal: stop.signal })) {
        seen.push(event.Action);
        if (seen.length === 2) stop.abort();
      }
    })();
    await expect.poll(() => api.engine.seen.some((each) => each.name === 'events')).toBe(true);
    await started('echo', 'x');
    await watching;
    expect(seen).toEqual(['start', 'die']);
  });

  it('opens streams into a container that half-close', async () => {
    const id = await started('sleep');
    const stream = await client.containers.connect(id, { port: 80 });
    stream.end('ping');
    expect(await text(stream)).toBe('ping');
    await expect(client.containers.connect(id, { path: 'relative' })).rejects.toMatchObject({ status: 400 });
  });

  it('publishes and unpublishes ports', async () => {
    const id = await started('sleep');
    const port = await client.containers.publish(id, { ContainerPort: 80, HostPort: 0 });
    expect(port).toEqual({ Proto: 'tcp', HostIp: '127.0.0.1', HostPort: 40_000, ContainerPort: 80 });
    await client.containers.unpublish(id, port);
    expect(await client.containers.own(id)).toEqual({ changed: 3 });
  });

  it('does many things at once on kept connections', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => started('sleep')));
    const seen = await Promise.all(ids.map((id) => client.containers.inspect(id)));
    expect(seen.map((each) => each.Id)).toEqual(ids);
  });

  it('rejects at once with the reason of a signal that is aborted already', async () => {
    await expect(client.version({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
