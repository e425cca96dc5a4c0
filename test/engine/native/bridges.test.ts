/** Bridges, endpoints, masquerading and isolation. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp, echoTcp, ip, namespace, ok, path, serve, within } from './namespaces';
import { buildProbe } from './probe';

let probe: ReturnType<typeof buildProbe>;
beforeAll(() => {
  probe = buildProbe('network_probe');
});
afterAll(async () => {
  await cleanUp();
  probe.remove();
});

const dial = `
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1)
print(s.getsockname()[0], s.getpeername()[0])
`;

describe('bridges', () => {
  let host: string;
  const containers: string[] = [];
  beforeAll(async () => {
    host = namespace('host');
    ip('-n', host, 'link', 'set', 'lo', 'up');
    for (let i = 0; i < 2; i++) {
      ok(host, probe.program, 'ensure-bridge', 'br-one', '10.231.1.1', '24');
      ok(host, probe.program, 'ensure-bridge', 'br-two', '10.231.2.1', '24');
    }
    const ends = [
      ['br-one', '10.231.1.2', '10.231.1.1'],
      ['br-one', '10.231.1.3', '10.231.1.1'],
      ['br-two', '10.231.2.2', '10.231.2.1'],
    ] as const;
    for (const [index, [bridge, address, gateway]] of ends.entries()) {
      const name = namespace(`c${index}`);
      containers.push(name);
      ok(host, probe.program, 'loopback', path(name));
      ok(
        host,
        probe.program,
        'connect',
        path(name),
        bridge,
        address,
        '24',
        gateway,
        `02:42:0a:e7:00:0${index}`,
        `bv${index}`,
      );
    }
    const outside = namespace('outside');
    containers.push(outside);
    ip('-n', host, 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1', 'netns', outside);
    ip('-n', host, 'addr', 'add', '10.230.0.1/24', 'dev', 'up0');
    ip('-n', host, 'link', 'set', 'up0', 'up');
    ip('-n', outside, 'addr', 'add', '10.230.0.2/24', 'dev', 'up1');
    ip('-n', outside, 'link', 'set', 'up1', 'up');
    ip('-n', outside, 'route', 'add', '10.231.0.0/16', 'via', '10.230.0.1');
    for (const name of [...containers, host])
      await serve(name, ['python3', '-c', echoTcp, '0.0.0.0', '7000']);
  });

  test('a container has lo, eth0 with its addresses and a default route, and no IPv6 on eth0', () => {
    const addresses = ip('-n', containers[0]!, '-br', 'addr');
    expect(addresses).toMatch(/^eth0@\S+ +UP +10\.231\.1\.2\/24 *$/m);
    expect(addresses).toMatch(/^lo +UNKNOWN +127\.0\.0\.1\/8 ::1\/128/m);
    expect(ip('-n', containers[0]!, '-br', 'link')).toContain('02:42:0a:e7:00:00');
    expect(ip('-n', containers[0]!, 'route')).toContain('default via 10.231.1.1 dev eth0');
  });

  const reach = (from: string, to: string) => within(from, 'python3', '-c', dial, to, '7000');
  test('reaches its neighbour, its gateway and, masqueraded, the outside', () => {
    for (const to of ['10.231.1.3', '10.231.1.1', '10.230.0.2'])
      expect([to, reach(containers[0]!, to).status]).toEqual([to, 0]);
    const watch = `
import socket
s = socket.create_server(("0.0.0.0", 7001)); print("ready", flush=True)
c, peer = s.accept(); print(peer[0], flush=True)`;
    return serve(containers[3]!, ['python3', '-c', watch]).then(async ({ child }) => {
      const seen = once(createInterface({ input: child.stdout }), 'line');
      within(containers[0]!, 'python3', '-c', dial, '10.230.0.2', '7001');
      expect(await seen).toEqual(['10.230.0.1']);
    });
  });
  test('does not reach another network’s containers; the outside reaches no container', () => {
    expect(reach(containers[0]!, '10.231.2.2').status).not.toBe(0);
    expect(reach(containers[3]!, '10.231.1.2').status).not.toBe(0);
  });

  test('routes names the bridges’ subnets and the uplink, and no default route', () => {
    const routes = ok(host, probe.program, 'routes').trim().split('\n').sort();
    expect(routes).toEqual(['10.230.0.0/24 up0', '10.231.1.0/24 br-one', '10.231.2.0/24 br-two']);
  });

  test('a bridge goes with its elements, twice without error, and leaves the others’ and other tables', () => {
    ok(host, 'nft', 'add table inet other');
    const name = namespace('later');
    ok(host, probe.program, 'ensure-bridge', 'br-three', '10.231.3.1', '24');
    expect(ok(host, 'nft', 'list', 'set', 'inet', 'berth', 'bridges')).toContain('br-three');
    for (let i = 0; i < 2; i++) ok(host, probe.program, 'remove-bridge', 'br-three', '10.231.3.1', '24');
    expect(ok(host, 'nft', 'list', 'ruleset')).not.toContain('br-three');
    expect(ok(host, 'nft', 'list', 'ruleset')).toMatch(/table inet other/);
    expect(ok(host, 'nft', 'list', 'set', 'inet', 'berth', 'bridges')).toContain('br-one');
    expect(ok(host, 'ip', '-br', 'link')).not.toContain('br-three');
    const refused = within(
      host,
      probe.program,
      'connect',
      path(name),
      'br-three',
      '10.231.3.2',
      '24',
      '10.231.3.1',
      '02:42:0a:e7:03:02',
      'bv9',
    );
    expect(refused.stderr.toString()).toContain('ENODEV');
    expect(
      within(host, probe.program, 'ensure-bridge', 'br-x', 'nonsense', '24').stderr.toString(),
    ).toContain('bad-request');
  });
});
