import { registryAuth, type RegistryAuth } from '../../protocol/docker';

/**
 * Reads `X-Registry-Auth`: base64url or base64 of JSON. `e30=` (`{}`) means none, and so does what cannot be read:
 * Docker tolerates garbage here, and the registry will say that credentials are missing.
 */
export function readRegistryAuth(header: string | string[] | undefined): RegistryAuth | undefined {
  if (typeof header !== 'string' || header === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  const parsed = registryAuth.safeParse(value);
  if (!parsed.success) return undefined;
  const given = Object.values(parsed.data).some((field) => field !== undefined && field !== '');
  return given ? parsed.data : undefined;
}
