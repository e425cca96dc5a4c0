import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  createReadStream,
  fstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addon } from '../../../../helper-daemon/warden/addon';
import type { AddonError, LayerStreamOptions } from '../../../../helper-daemon/warden/addon';

const sha256 = (data: Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const openFds = () => readdirSync('/proc/self/fd').length;
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-addon-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A peer in another process and another language: answers as the warden would, or sends what `script` says. */
function peer(script: string) {
  const { parent, child } = addon.socketPair();
  const prelude = 'import array, os, socket, struct, sys\ns = socket.socket(fileno=3)\n';
  const python = spawn('python3', ['-c', prelude + script], { stdio: ['ignore', 'pipe', 'inherit', child] });
  addon.closeFd(child);
  return { parent, python };
}

function header(id: number, verb: number, fields: Buffer): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt32LE(id, 0);
  bytes.writeUInt16LE(verb, 4);
  return Buffer.concat([bytes, fields]);
}

describe('Channel', () => {
  test('carries messages and descriptors both ways, and tells of the end', async () => {
    const { parent, python } = peer(
      'data, fds, _, _ = socket.recv_fds(s, 65600, 8)\n' +
        'os.write(fds[0], b"from the peer")\n' +
        'r, w = os.pipe()\nos.write(w, b"hello")\n' +
        'socket.send_fds(s, [data[:4] + b"\\0" + data[6:]], [r])\n',
    );
    const pipe = addon.pipe();
    const messages: { data: Buffer; fds: number[] }[] = [];
    const closed = new Promise<AddonError | undefined>((resolve) => {
      const channel = new addon.Channel(parent, (data, fds) => messages.push({ data, fds }), resolve);
      channel.send(header(7, 1, Buffer.from('abc')), [pipe.write]);
    });
    addon.closeFd(pipe.write);
    expect(await closed).toBeUndefined();
    expect(messages).toHaveLength(1);
    expect(messages[0]!.data).toEqual(Buffer.from('\x07\0\0\0\0abc', 'latin1'));
    expect(readFileSync(pipe.read, 'utf8')).toBe('from the peer');
    expect(readFileSync(messages[0]!.fds[0]!, 'utf8').slice(0, 5)).toBe('hello');
    addon.closeFd(pipe.read);
    addon.closeFd(messages[0]!.fds[0]!);
    if (python.exitCode === null) await once(python, 'exit');
    expect(python.exitCode).toBe(0);
  });

  test('puts what is over 64 KiB into a memfd and takes it out of one', async () => {
    const { parent } = peer(
      'data, fds, _, _ = socket.recv_fds(s, 65600, 8)\n' +
        'rid, verb, length = struct.unpack("<IHI", data)\n' +
        'assert verb == 0x8005 and len(fds) == 1, (verb, fds)\n' +
        'body = os.pread(fds[0], length + 1, 0)\nassert len(body) == length\n' +
        'm = os.memfd_create("answer")\nos.write(m, b"\\0" + body[::-1])\n' +
        'socket.send_fds(s, [struct.pack("<II", rid | 0x80000000, length + 1)], [m])\n' +
        's.recv(1)\n',
    );
    const body = randomBytes(300_000);
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const channel = new addon.Channel(
        parent,
        (data) => {
          channel.close();
          resolve(data);
        },
        (error) => reject(error ?? new Error('closed')),
      );
      channel.send(header(9, 5, body));
    });
    expect(answer.readUInt32LE(0)).toBe(9);
    expect(answer[4]).toBe(0);
    expect(answer.subarray(5).equals(Buffer.from(body).reverse())).toBe(true);
  });

  test('queues while the peer does not read, and keeps the order', async () => {
    const { parent, python } = peer(
      'sys.stdout.write("ready\\n"); sys.stdout.flush()\n' +
        'n = 0\n' +
        'while n < 400:\n' +
        '    data = s.recv(65600)\n    assert struct.unpack("<I", data[:4])[0] == n and len(data) == 20006, n\n    n += 1\n' +
        's.send(b"\\1\\0\\0\\0\\0")\n',
    );
    const fields = randomBytes(20_000);
    const answered = new Promise<void>((resolve, reject) => {
      const channel = new addon.Channel(
        parent,
        () => resolve(),
        (error) => reject(error ?? new Error('closed before the answer')),
      );
      for (let i = 0; i < 400; i++) channel.send(header(i, 1, fields));
    });
    await answered;
    if (python.exitCode === null) await once(python, 'exit');
    expect(python.exitCode).toBe(0);
  });

  test('connects to a listening warden, and says when there is none', async () => {
    const path = join(directory, 'warden.sock');
    const script =
      'import socket, sys\ns = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\ns.bind(sys.argv[1]); s.listen(1)\n' +
      'print("ready", flush=True)\nc, _ = s.accept()\nc.send(c.recv(100)[:4] + b"\\0")\n';
    expect(() => addon.connectSeqpacket(path)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    const python = spawn('python3', ['-c', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(python.stdout, 'data');
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const channel = new addon.Channel(addon.connectSeqpacket(path), resolve, (error) =>
        reject(error ?? new Error('closed')),
      );
      channel.send(header(3, 1, Buffer.alloc(0)));
    });
    expect(answer).toEqual(Buffer.from([3, 0, 0, 0, 0]));
  });

  test('refuses to send when closed', () => {
    const pair = addon.socketPair();
    const channel = new addon.Channel(
      pair.parent,
      () => undefined,
      () => undefined,
    );
    channel.close();
    expect(() => channel.send(header(1, 1, Buffer.alloc(0)))).toThrow(
      expect.objectContaining({ code: 'EPIPE' }),
    );
    addon.closeFd(pair.child);
  });

  test('an answer that claims more than its memfd holds ends the connection with an error', async () => {
    const { parent } = peer(
      'm = os.memfd_create("answer")\nos.write(m, b"x")\n' +
        'socket.send_fds(s, [struct.pack("<II", 0x80000001, 4096)], [m])\ns.recv(1)\n',
    );
    const error = await new Promise<AddonError | undefined>((resolve) => {
      new addon.Channel(parent, () => undefined, resolve);
    });
    expect(error).toMatchObject({ code: 'EPROTO' });
  });
});

describe('peerCredentials', () => {
  test('are those of the process at the other end', async () => {
    const path = join(directory, 'peer.sock');
    const script = `import os, socket, sys
os.setgroups([4242, 17]); os.setgid(2345); os.setuid(1234)
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.recv(1)`;
    const server = createServer({ pauseOnConnect: true });
    server.listen(path);
    await once(server, 'listening');
    spawnSync('chmod', ['755', directory]);
    spawnSync('chmod', ['666', path]);
    const client = spawn('python3', ['-c', script, path], { stdio: 'inherit' });
    const [socket] = await once(server, 'connection');
    const credentials = addon.peerCredentials(socket._handle.fd);
    expect({ ...credentials, groups: [...credentials.groups].sort() }).toEqual({
      uid: 1234,
      gid: 2345,
      pid: client.pid,
      groups: [17, 4242],
    });
    socket.destroy();
    await once(client, 'exit');
    server.close();
  });

  test('of something that is no socket is an error with its errno', () => {
    const pipe = addon.pipe();
    expect(() => addon.peerCredentials(pipe.read)).toThrow(
      expect.objectContaining({ code: 'ENOTSOCK', syscall: 'getsockopt', errno: -88 }),
    );
    addon.closeFd(pipe.read);
    addon.closeFd(pipe.write);
    expect(() => addon.closeFd(pipe.read)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});

test('flock is held by one process at a time, and released with its descriptor', () => {
  const path = join(directory, 'lock');
  const tryLock = `import fcntl, sys
fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)`;
  const fd = addon.flock(path);
  expect(spawnSync('python3', ['-c', tryLock, path]).status).toBe(1);
  expect(() => addon.flock(path)).toThrow(expect.objectContaining({ code: 'EWOULDBLOCK' }));
  addon.closeFd(fd);
  expect(spawnSync('python3', ['-c', tryLock, path]).status).toBe(0);
});

/** Feeds `input` in pieces of `step` bytes; the output is read at the same time. */
async function inflate(input: Buffer, options: Partial<LayerStreamOptions>, step = 65_536) {
  const pipe = addon.pipe();
  const chunks: Buffer[] = [];
  const reading = (async () => {
    for await (const chunk of createReadStream('', { fd: pipe.read })) chunks.push(chunk as Buffer);
  })();
  const stream = new addon.LayerStream({
    compression: 'gzip',
    maxOutputBytes: 1 << 30,
    ...options,
    outputFd: pipe.write,
  });
  try {
    for (let at = 0; at < input.length; at += step) await stream.write(input.subarray(at, at + step));
    return { totals: await stream.finish(), read: reading.then(() => Buffer.concat(chunks)) };
  } finally {
    stream.abort();
    await reading;
  }
}

describe('LayerStream', () => {
  const plain = Buffer.concat([randomBytes(3_000_000), Buffer.alloc(9_000_000, 'layer '), randomBytes(77)]);

  test.each([
    ['gzip', gzipSync(plain)],
    ['zstd', zstdCompressSync(plain)],
    ['none', plain],
  ] as const)('%s: both digests, both sizes, the very bytes', async (compression, input) => {
    const before = openFds();
    const { totals, read } = await inflate(input, { compression });
    expect(totals).toEqual({
      digest: sha256(input),
      diffId: sha256(plain),
      inputBytes: input.length,
      outputBytes: plain.length,
    });
    expect((await read).equals(plain)).toBe(true);
    expect(openFds()).toBe(before);
  });

  test('gzip of many members (as pigz and bgzip make), split anywhere, with padding behind', async () => {
    const parts = ['one', 'two', '', 'three'].map((text) => gzipSync(text));
    const input = Buffer.concat([...parts, Buffer.alloc(512)]);
    const { totals, read } = await inflate(input, {}, 1);
    expect((await read).toString()).toBe('onetwothree');
    expect(totals.digest).toBe(sha256(input));
  });

  test('zstd of many frames, skippable ones among them', async () => {
    const skippable = Buffer.from('502a4d1804000000deadbeef', 'hex');
    const input = Buffer.concat([zstdCompressSync('one'), skippable, zstdCompressSync('two'), skippable]);
    const { read } = await inflate(input, { compression: 'zstd' }, 3);
    expect((await read).toString()).toBe('onetwo');
  });

  const damaged = Buffer.from(gzipSync(plain));
  damaged.writeUInt32LE(0x12345678, damaged.length - 8);
  test.each([
    ['cut gzip', 'gzip', gzipSync(plain).subarray(0, 1_000_000)],
    ['gzip with a wrong checksum', 'gzip', damaged],
    ['gzip with something else behind it', 'gzip', Buffer.concat([gzipSync('x'), Buffer.from('garbage')])],
    ['no gzip at all', 'gzip', Buffer.from('<html>not found</html>')],
    ['nothing', 'gzip', Buffer.alloc(0)],
    ['cut zstd', 'zstd', zstdCompressSync(plain).subarray(0, 1_000_000)],
    ['no zstd at all', 'zstd', Buffer.from('<html>not found</html>')],
  ] as const)('refuses %s', async (_name, compression, input) => {
    await expect(inflate(input, { compression })).rejects.toMatchObject({ code: 'layer-invalid' });
  });

  test('stops a bomb at the limit, having written no more than it', async () => {
    const bomb = gzipSync(Buffer.alloc(64 << 20));
    await expect(inflate(bomb, { maxOutputBytes: 1 << 20 })).rejects.toMatchObject({
      code: 'layer-too-large',
    });
  });

  test('holds the writer back while nobody reads, and lets go at abort', async () => {
    const before = openFds();
    const pipe = addon.pipe();
    const stream = new addon.LayerStream({
      compression: 'none',
      outputFd: pipe.write,
      maxOutputBytes: 1 << 30,
    });
    let written = 0;
    const writing = (async () => {
      for (;;) {
        await stream.write(Buffer.alloc(1 << 20));
        written += 1 << 20;
      }
    })();
    const outcome = expect(writing).rejects.toMatchObject({ code: 'aborted' });
    // The writer has come to rest when two whole turns of timers bring nothing new.
    let last = -1;
    while (last !== written) {
      last = written;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(written).toBeLessThan(16 << 20);
    stream.abort();
    await outcome;
    addon.closeFd(pipe.read);
    expect(openFds()).toBe(before);
  });

  test('tells when the reader of the output is gone', async () => {
    const pipe = addon.pipe();
    addon.closeFd(pipe.read);
    const stream = new addon.LayerStream({
      compression: 'none',
      outputFd: pipe.write,
      maxOutputBytes: 1 << 30,
    });
    await stream.write(Buffer.from('x')).catch(() => undefined);
    await expect(stream.finish()).rejects.toMatchObject({ code: 'EPIPE' });
  });

  test('unknown options are refused', () => {
    const pipe = addon.pipe();
    const options = {
      compression: 'lzma',
      outputFd: pipe.write,
      maxOutputBytes: 1,
    } as unknown as LayerStreamOptions;
    expect(() => new addon.LayerStream(options)).toThrow(/lzma/);
    expect(() => fstatSync(pipe.write)).toThrow();
    addon.closeFd(pipe.read);
  });
});

test('a pipe carries what is written', () => {
  const pipe = addon.pipe();
  writeSync(pipe.write, 'through');
  closeSync(pipe.write);
  expect(readFileSync(pipe.read, 'utf8')).toBe('through');
  closeSync(pipe.read);
});
