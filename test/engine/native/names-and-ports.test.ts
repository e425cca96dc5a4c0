/** The name server at 127.0.0.11 and published ports. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp, echoTcp, ip, namespace, ok, path, serve, within } from './namespaces';
import { buildProbe } from './probe';

let probe: ReturnType<typeof buildProbe>;
let directory: string;
beforeAll(() => {
  probe = buildProbe('network_probe');
  directory = mkdtempSync(join(tmpdir(), 'berth-network-'));
});
afterAll(async () => {
  await cleanUp();
  probe.remove();
  rmSync(directory, { recursive: true });
});

const echoUdp = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
while True:
    data, peer = s.recvfrom(65535)
    s.sendto(data.upper(), peer)
`;
/** A DNS query for one name. */
function query(name: string, type: number, id = 7): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x100, 2);
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, type, 0, 1])]);
}

/** Asks from inside a namespace and returns flags, count of answers and the answers' last four bytes. */
function ask(
  name: string,
  queries: Buffer[],
  tcp = false,
): { code: number; truncated: boolean; addresses: string[] }[] {
  const script = `
import socket, struct, sys
tcp = sys.argv[1] == "tcp"
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
s.settimeout(10); s.connect(("127.0.0.11", 53))
def exactly(n):
    data = b""
    while len(data) < n: data += s.recv(n - len(data)) or sys.exit("closed")
    return data
queries = [bytes.fromhex(q) for q in sys.argv[2:]]
if tcp: s.sendall(b"".join(struct.pack(">H", len(q)) + q for q in queries))
for q in queries:
    if tcp: print(exactly(struct.unpack(">H", exactly(2))[0]).hex())
    else: s.send(q); print(s.recv(65535).hex())
`;
  const lines = ok(
    name,
    'python3',
    '-c',
    script,
    tcp ? 'tcp' : 'udp',
    ...queries.map((each) => each.toString('hex')),
  );
  return lines
    .trim()
    .split('\n')
    .map((line, index) => {
      const response = Buffer.from(line, 'hex');
      expect(response.readUInt16BE(0)).toBe(queries[index]!.readUInt16BE(0));
      const count = response.readUInt16BE(6);
      const addresses = Array.from({ length: count }, (_, i) =>
        [
          ...response.subarray(queries[index]!.length + 16 * i + 12, queries[index]!.length + 16 * (i + 1)),
        ].join('.'),
      );
      return { code: response[3]! & 15, truncated: (response[2]! & 2) !== 0, addresses };
    });
}

const upstream = `
import socket, struct, threading
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("127.0.0.53", 53))
t = socket.create_server(("127.0.0.53", 53))
print("ready", flush=True)
def reply(q, last, flags=0x8180, answers=1):
    r = q[:2] + struct.pack(">HHHHH", flags, 1, answers, 0, 0) + q[12:]
    return r + (b"\\xc0\\x0c" + struct.pack(">HHIH", 1, 1, 5, 4) + bytes([9, 9, 9, last]) if answers else b"")
def tcp():
    while True:
        c, _ = t.accept(); q = c.recv(4096)[2:]; r = reply(q, 2)
        c.sendall(struct.pack(">H", len(r)) + r); c.close()
threading.Thread(target=tcp, daemon=True).start()
while True:
    q, peer = u.recvfrom(4096)
    if b"silent" in q: continue
    u.sendto(b"\\0\\0" + reply(q, 66)[2:], peer)
    if b"missing" in q: u.sendto(reply(q, 0, 0x8183, 0), peer)
    else: u.sendto(reply(q, 1, 0x8380 if b"large" in q else 0x8180), peer)
`;

describe('names and ports', () => {
  let host: string;
  let container: string;
  let names: string;
  let served: Awaited<ReturnType<typeof serve>>;
  let server: ChildProcess;

  beforeAll(async () => {
    // Upstream, host and publisher live in a namespace of their own: port 53 and the published ports collide with nothing.
    host = namespace('dns');
    container = namespace('box');
    ip('-n', host, 'link', 'set', 'lo', 'up');
    ok(host, probe.program, 'loopback', path(container));
    ip('-n', container, 'addr', 'add', '10.231.9.2/32', 'dev', 'lo');
    await serve(host, ['python3', '-c', upstream]);
    names = join(directory, 'names');
    writeFileSync(names, '10.231.9.3 db db.backend # the database\n10.231.9.4 db\n');
    const ports = [
      '6//0/8000',
      '6//0/8001',
      '6//0/8002',
      '6//0/8003',
      '17//0/9000',
      '6/127.0.0.1/18080/8000',
    ];
    served = await serve(host, [
      probe.program,
      'serve',
      path(container),
      '10.231.9.2',
      names,
      '127.0.0.54,127.0.0.53',
      ...ports,
    ]);
    server = served.child;
    await serve(container, ['python3', '-c', echoTcp, '10.231.9.2', '8000']);
    await serve(container, ['python3', '-c', echoTcp, '127.0.0.1', '8001']);
    await serve(container, ['python3', '-c', echoTcp, '::1', '8002']);
    await serve(container, ['python3', '-c', echoUdp, '127.0.0.1', '9000']);
  });

  test('own names: all addresses, any case, nothing for AAAA, and back from the address', () => {
    const [both, alias, six, back] = ask(container, [
      query('db', 1),
      query('DB.Backend', 1),
      query('db', 28),
      query('3.9.231.10.in-addr.arpa', 12),
    ]);
    expect(both).toEqual({ code: 0, truncated: false, addresses: ['10.231.9.3', '10.231.9.4'] });
    expect(alias!.addresses).toEqual(['10.231.9.3']);
    expect(six).toEqual({ code: 0, truncated: false, addresses: [] });
    expect(back!.code).toBe(0);
  });
  test('all other names: the next server where one is silent; no guessed answer; NXDOMAIN and truncation as they came', () => {
    const [found, missing, large] = ask(container, [
      query('example.org', 1),
      query('missing.org', 1),
      query('large.org', 1),
    ]);
    expect(found).toEqual({ code: 0, truncated: false, addresses: ['9.9.9.1'] });
    expect(missing!.code).toBe(3);
    expect(large!.truncated).toBe(true);
    expect(
      ask(container, [query('large.org', 1), query('db', 1)], true).map(({ addresses }) => addresses[0]),
    ).toEqual(['9.9.9.2', '10.231.9.3']);
  });
  test('a server failure when nobody answers', () => {
    expect(ask(container, [query('silent.org', 1)])[0]!.code).toBe(2);
  });
  test('many queries in one TCP stream, and queries that are none', () => {
    expect(
      ask(
        container,
        Array.from({ length: 400 }, (_, i) => query('db', 1, i)),
        true,
      ),
    ).toHaveLength(400);
    const garbage =
      'import socket, os\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nfor i in range(200): s.sendto(os.urandom(i), ("127.0.0.11", 53))';
    ok(container, 'python3', '-c', garbage);
    expect(ask(container, [query('db', 1)])[0]!.addresses).toHaveLength(2);
  });
  test('the names file is followed', () => {
    writeFileSync(names, '10.231.9.9 db\n');
    expect(ask(container, [query('db', 1)])[0]!.addresses).toEqual(['10.231.9.9']);
  });
  test('the container may bind port 53 itself', () => {
    const script =
      'import socket\nsocket.create_server(("0.0.0.0", 53)); socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("0.0.0.0", 53))';
    ok(container, 'python3', '-c', script);
  });

  const roundTrip = `
import hashlib, os, socket, sys, threading
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=10)
data = os.urandom(1 << 16) * 200
back = bytearray()
def read():
    while True:
        piece = s.recv(1 << 20)
        if not piece: return
        back.extend(piece)
reader = threading.Thread(target=read); reader.start()
s.sendall(data); s.shutdown(socket.SHUT_WR); reader.join()
sys.exit(0 if bytes(back) == data + b"END" else 1)
`;
  test.each([
    ['the container’s address', 0],
    ['its 127.0.0.1', 1],
    ['its ::1', 2],
  ] as const)(
    'a port served on %s is reached by 127.0.0.1 and ::1, whole and with half-close',
    (_where, index) => {
      for (const address of ['127.0.0.1', '::1'])
        ok(host, 'python3', '-c', roundTrip, address, served.lines[index]!);
    },
  );
  test('a port that nobody serves inside resets the connection', () => {
    const script =
      'import socket, sys\ns = socket.create_connection(("127.0.0.1", int(sys.argv[1])))\ntry: print(s.recv(1))\nexcept ConnectionResetError: print("reset")';
    expect(ok(host, 'python3', '-c', script, served.lines[3]!).trim()).toBe('reset');
  });
  test('datagrams, also to a server on the container’s 127.0.0.1 only', () => {
    const script =
      'import socket, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5)\ns.connect(("127.0.0.1", int(sys.argv[1])))\nfor m in (b"one", b"two"): s.send(m); print(s.recv(100).decode())';
    expect(ok(host, 'python3', '-c', script, served.lines[4]!).trim().split('\n')).toEqual(['ONE', 'TWO']);
  });
  test('a taken port is named, and nothing of it stays', () => {
    const taken = within(
      host,
      probe.program,
      'serve',
      path(container),
      '10.231.9.2',
      names,
      '',
      '6/127.0.0.1/18080/1',
    );
    expect(taken.status).toBe(1);
    expect(taken.stderr.toString()).toMatch(
      /^port-in-use: port 18080\/tcp on 127\.0\.0\.1 is already in use/,
    );
  });
  test('connections that are abandoned leave no descriptors behind', () => {
    const fds = () => readdirSync(`/proc/${childOf(server)}/fd`).length;
    const script =
      'import socket, sys\nheld = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(40)]\nfor s in held: s.send(b"x"); s.recv(1)\nfor s in held: s.close()';
    ok(host, 'python3', '-c', script, served.lines[0]!);
    const settled = fds();
    ok(host, 'python3', '-c', script, served.lines[0]!);
    ok(host, 'python3', '-c', roundTrip, '127.0.0.1', served.lines[0]!);
    return expect.poll(fds, { timeout: 5000 }).toBeLessThanOrEqual(settled);
  });
});

/** `ip netns exec` becomes the program itself. */
function childOf(process_: ChildProcess): number {
  expect(readFileSync(`/proc/${process_.pid}/comm`, 'utf8')).toContain('network_probe');
  return process_.pid!;
}
