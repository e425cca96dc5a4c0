import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import {
  guardedLookup,
  isLoopbackHost,
  refuseAddress,
} from '../../../../helper-daemon/images/address-policy';

test.each(['localhost', '127.0.0.1', '127.9.9.9', '[::1]', '::1'])('%s is this machine', (host) => {
  expect(isLoopbackHost(host)).toBe(true);
});
test.each([
  'localhost.example.com',
  '128.0.0.1',
  'example.com',
  '10.0.0.1',
  '127.0.0.1.example.com',
  '0.0.0.0',
])('%s is not', (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});

describe('where a registry points to', () => {
  test.each(['169.254.169.254', '0.0.0.0', '224.0.0.1', 'fe80::1', '::', '::ffff:169.254.169.254'])(
    'never %s',
    (address) => {
      expect(refuseAddress(address, false)).toBeDefined();
      expect(refuseAddress(address, true)).toBeDefined();
    },
  );
  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
    '%s only from a registry on this machine',
    (address) => {
      expect(refuseAddress(address, false)).toBeDefined();
      expect(refuseAddress(address, true)).toBeUndefined();
    },
  );
  test.each(['93.184.216.34', '10.1.2.3', '2606:4700::1', 'name.example'])(
    '%s as the user’s own network allows',
    (address) => {
      expect(refuseAddress(address, false)).toBeUndefined();
    },
  );

  test('a name is judged by the address that it has', async () => {
    const resolve = (allowLoopback: boolean) =>
      new Promise<string | LookupAddress[]>((done, fail) => {
        guardedLookup(allowLoopback)('localhost', {}, (error, address) => {
          if (error === null) done(address);
          else fail(error);
        });
      });
    await expect(resolve(false)).rejects.toThrow('only this machine can reach');
    expect(['127.0.0.1', '::1']).toContain(await resolve(true));
  });
});
