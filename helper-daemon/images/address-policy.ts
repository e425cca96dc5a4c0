/**
 * Which addresses a registry may send us to. A registry that the user named may be anywhere; where *it* points (redirects, token servers)
 * may not reach what only this machine can see: its loopback, and the link-local addresses where clouds keep credentials.
 * Judged when the connection is made, on the address itself, so that no name can get around it.
 */
import { lookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { EngineError } from '../error';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

const neverReached = new BlockList();
neverReached.addSubnet('169.254.0.0', 16);
neverReached.addSubnet('0.0.0.0', 8);
neverReached.addSubnet('224.0.0.0', 4);
neverReached.addSubnet('fe80::', 10, 'ipv6');
neverReached.addSubnet('ff00::', 8, 'ipv6');
neverReached.addAddress('::', 'ipv6');

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

export const isLoopbackAddress = (address: string): boolean =>
  isIP(address) !== 0 && loopback.check(address, familyOf(address));

/** `localhost`, `127.x.y.z`, `[::1]`; the only hosts that are spoken to without TLS. */
export function isLoopbackHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || isLoopbackAddress(bare);
}

const refusal = (address: string) =>
  new EngineError(
    403,
    'address-refused',
    `The registry points to ${address}, an address that only this machine can reach. Berth does not follow that, since it could be used to read this machine's own services.`,
  );

/** @param allowLoopback the registry that points there is itself on this machine */
export function refuseAddress(address: string, allowLoopback: boolean): EngineError | undefined {
  if (isIP(address) === 0) return undefined;
  const family = familyOf(address);
  const refused = neverReached.check(address, family) || (!allowLoopback && loopback.check(address, family));
  return refused ? refusal(address) : undefined;
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** A `lookup` for sockets that refuses a name when any of its addresses is refused. */
export function guardedLookup(allowLoopback: boolean) {
  return (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      for (const { address } of addresses) {
        const refused = refuseAddress(address, allowLoopback);
        if (refused !== undefined) {
          callback(refused, []);
          return;
        }
      }
      const first = addresses[0];
      if (options.all === true || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
