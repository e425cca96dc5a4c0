/** On which addresses and ports of the host a caller may listen. */
import { isIP } from 'node:net';
import type { Caller } from '../api/services';
import { EngineError } from '../error';
import { refused } from './refusal';

const firstUnprivilegedPort = 1024;
export const loopbackAddress = '127.0.0.1';

export function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

/** Docker publishes everywhere when no address is given; here that means this machine only. @throws EngineError 400 */
export function hostAddress(given: string | undefined): string {
  if (given === undefined || given === '' || given === 'localhost') return loopbackAddress;
  if (isIP(given) === 0)
    throw new EngineError(400, 'bad-address', `invalid published address: ${given} is not an IP address`);
  return given;
}

/** @param port 0 = any free one @throws EngineError 403 */
export function judgePublish(caller: Caller, address: string, port: number): void {
  if (caller.admin) return;
  if (port !== 0 && port < firstUnprivilegedPort) {
    throw refused(
      caller,
      'port',
      `publishing on port ${port}`,
      'ports below 1024 belong to the system',
      `Publish on a port from ${firstUnprivilegedPort} up, such as -p ${port + 8000}:….`,
    );
  }
  if (!isLoopback(address)) {
    throw refused(
      caller,
      'address',
      `publishing on the address ${address}`,
      'it would open the container to other machines',
      'Publish on 127.0.0.1 (leave the address out), or ask an administrator.',
    );
  }
}
