/** `docker login`: are these credentials right? */
import type * as wire from '../../protocol/docker';
import { EngineError } from '../error';
import { parseRepository } from './reference';
import { credentialsFor, domainOfAddress } from './registry-host';
import { RegistrySession } from './registry-session';
import { discard } from './registry-transport';
import type { RegistryTransport } from './registry-transport';

/** @throws EngineError 400 for an address that is none, 401 `wrong-credentials`, 503 `registry-unreachable` */
export async function logIn(
  transport: RegistryTransport,
  request: wire.AuthRequest,
  signal: AbortSignal,
): Promise<{ Status: string; IdentityToken: string }> {
  const domain = domainOfAddress(request.serveraddress ?? '');
  parseRepository(`${domain}/x`);
  const credentials = credentialsFor(request, domain);
  const session = await RegistrySession.open(transport, domain, undefined, credentials, signal);
  const response = await session.get('', {}, signal);
  discard(response.body);
  if (response.status === 200) return { Status: 'Login Succeeded', IdentityToken: '' };
  if (response.status === 401 || response.status === 403) {
    throw new EngineError(
      401,
      'wrong-credentials',
      `Get "https://${domain}/v2/": unauthorized: incorrect username or password`,
    );
  }
  throw new EngineError(
    500,
    'registry-error',
    `login to ${domain} failed: the registry answered ${response.status}; is it a registry (API version 2)?`,
  );
}
