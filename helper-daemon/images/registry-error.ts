/** What a registry's refusals and failures are called towards the user; Docker's words where clients match on them. */
import { z } from 'zod';
import { EngineError } from '../error';
import type { Reference } from './reference';
import { familiarName, familiarReference } from './reference';

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
const errorBody = z.object({
  errors: z.array(z.object({ code: z.string().max(100), message: z.string().max(1000).optional() })).min(1),
});

/** A failure that may pass by itself: tried again, a bounded number of times. */
export class TransientError extends Error {}

export interface RegistryRefusal {
  readonly status: number;
  /** `MANIFEST_UNKNOWN`; '' when the body tells nothing. */
  readonly code: string;
  readonly message: string;
}

export function readRefusal(status: number, body: Buffer): RegistryRefusal {
  try {
    const first = errorBody.parse(JSON.parse(body.toString('utf8'))).errors[0];
    return { status, code: first?.code ?? '', message: first?.message ?? '' };
  } catch {
    return { status, code: '', message: '' };
  }
}

/** Docker's rendering: `MANIFEST_UNKNOWN` with its message → "manifest unknown: manifest unknown". */
function wording({ status, code, message }: RegistryRefusal): string {
  if (code === '') return `the registry answered ${status}`;
  return [code.toLowerCase().replaceAll('_', ' '), message].filter((part) => part !== '').join(': ');
}

/** @param credentials were some sent */
export function pullRefused(
  reference: Reference,
  refusal: RegistryRefusal,
  credentials: boolean,
): EngineError {
  const name = familiarName(reference.repository);
  if (refusal.code === 'NAME_UNKNOWN')
    return new EngineError(404, 'repository-unknown', `repository ${name} not found: ${wording(refusal)}`);
  if (refusal.code === 'MANIFEST_UNKNOWN' || refusal.status === 404) {
    return new EngineError(
      404,
      'manifest-unknown',
      `manifest for ${familiarReference(reference)} not found: ${wording({ ...refusal, code: refusal.code === '' ? 'MANIFEST_UNKNOWN' : refusal.code })}`,
    );
  }
  if (
    refusal.status === 401 ||
    refusal.status === 403 ||
    refusal.code === 'DENIED' ||
    refusal.code === 'UNAUTHORIZED'
  ) {
    if (credentials && refusal.status === 401) return wrongCredentials(reference.repository.domain);
    return new EngineError(
      404,
      'pull-denied',
      `pull access denied for ${name}, repository does not exist or may require 'docker login': ${refusal.code === '' ? 'denied: requested access to the resource is denied' : wording(refusal)}`,
    );
  }
  return new EngineError(
    500,
    'registry-error',
    `error pulling image ${familiarReference(reference)}: ${wording(refusal)}`,
  );
}

export function wrongCredentials(domain: string): EngineError {
  return new EngineError(
    401,
    'wrong-credentials',
    `unauthorized: incorrect username or password for ${domain}. Log in again (docker login ${domain}).`,
  );
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
  'HPE_INVALID_CONSTANT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

export function isNetworkFailure(error: unknown): error is Error {
  if (error instanceof TransientError) return true;
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && (networkCodes.has(code) || code.startsWith('HPE_'));
}

/** Fails the same way at once when tried again. */
export const isRefusedConnection = (error: unknown): boolean =>
  error instanceof Error &&
  ['ECONNREFUSED', 'ENOTFOUND'].includes((error as NodeJS.ErrnoException).code ?? '');

/** After the last attempt. @param host as in the reference */
export function unreachable(host: string, error: unknown): unknown {
  if (error instanceof EngineError) return error;
  if (!(error instanceof Error)) return error;
  const tls = tlsFailure(error);
  if (tls !== undefined)
    return new EngineError(
      503,
      'registry-certificate',
      `The registry ${host} could not prove who it is: ${tls}. If it is yours, add its certificate authority to this machine (Debian: update-ca-certificates) or name its PEM file in registryCertificates of /etc/berth/config.json, and restart the helper.`,
      { cause: error },
    );
  if (!isNetworkFailure(error)) return error;
  const why = error.message === '' ? ((error as NodeJS.ErrnoException).code ?? 'no answer') : error.message;
  return new EngineError(
    503,
    'registry-unreachable',
    `The registry ${host} cannot be reached: ${why}. Check that its name is right, that it is running, and that this machine has a way to it.`,
    { cause: error },
  );
}

function tlsFailure(error: Error): string | undefined {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return /^(CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(code) ? error.message : undefined;
}
