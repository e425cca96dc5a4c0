/** Where a registry's API is, and whose credentials may go there. */
import type * as wire from '../../protocol/docker';
import { EngineError } from '../error';
import { isLoopbackHost } from './address-policy';
import { defaultDomain } from './reference';

/** Docker Hub answers under another name than the one in references. */
const hubHost = 'registry-1.docker.io';
const hubNames = new Set([defaultDomain, 'index.docker.io', hubHost, 'registry.hub.docker.com']);

export const apiHost = (domain: string): string => (domain === defaultDomain ? hubHost : domain);

/** Whether a domain (host, perhaps with a port) names this machine: only then plain HTTP is spoken. */
export const isLocalRegistry = (domain: string): boolean =>
  isLoopbackHost(new URL(`http://${domain}`).hostname);

export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token, from `docker login` with single sign-on. */
  | { readonly kind: 'identity'; readonly token: string }
  /** A bearer token that the registry takes as it is. */
  | { readonly kind: 'registry'; readonly token: string };

/** `https://index.docker.io/v1/` and `docker.io` are the same registry. */
export function domainOfAddress(address: string): string {
  const host =
    address
      .replace(/^https?:\/\//i, '')
      .split('/')[0]
      ?.toLowerCase() ?? '';
  return hubNames.has(host) || host === '' ? defaultDomain : host;
}

/**
 * @param auth what the client sent; none of it, or only empty fields, means none
 * @param domain the registry that is about to be asked
 * @throws EngineError 400 `credentials-for-another-registry`: a password goes only where it belongs
 */
export function credentialsFor(auth: wire.RegistryAuth | undefined, domain: string): Credentials | undefined {
  const credentials = readCredentials(auth);
  if (credentials === undefined || auth?.serveraddress === undefined || auth.serveraddress === '')
    return credentials;
  const owner = domainOfAddress(auth.serveraddress);
  if (owner !== domain.toLowerCase()) {
    throw new EngineError(
      400,
      'credentials-for-another-registry',
      `The credentials that came with the request are for ${owner}, the image is at ${domain}: they were not sent. Log in to ${domain} (docker login ${domain}), or send none.`,
    );
  }
  return credentials;
}

function readCredentials(auth: wire.RegistryAuth | undefined): Credentials | undefined {
  if (auth === undefined) return undefined;
  if (present(auth.registrytoken)) return { kind: 'registry', token: auth.registrytoken };
  if (present(auth.identitytoken)) return { kind: 'identity', token: auth.identitytoken };
  if (present(auth.username))
    return { kind: 'password', username: auth.username, password: auth.password ?? '' };
  if (!present(auth.auth)) return undefined;
  const decoded = Buffer.from(auth.auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon <= 0
    ? undefined
    : {
        kind: 'password',
        username: decoded.slice(0, colon),
        password: decoded.slice(colon + 1).replace(/\0+$/, ''),
      };
}

const present = (text: string | undefined): text is string => text !== undefined && text !== '';
