import { EngineError } from '../error';

/** Docker Engine API versions are `1.<minor>`; only the minor number is ever compared. */
export type ApiMinor = number;

export const newestApi: ApiMinor = 51;
export const oldestApi: ApiMinor = 24;

/**
 * Reads the version of a request's path.
 * @param text what stands between `/v` and the next slash, `1.43`; undefined = the newest
 * @throws EngineError 400 with Docker's wording when it is out of range
 */
export function negotiate(text: string | undefined): ApiMinor {
  if (text === undefined) return newestApi;
  const [major, minor] = text.split('.').map(Number);
  const older = major === undefined || minor === undefined || major < 1 || (major === 1 && minor < oldestApi);
  if (older) {
    throw new EngineError(
      400,
      'api-version-too-old',
      `client version ${text} is too old. Minimum supported API version is 1.${oldestApi}, please upgrade your client to a newer version`,
    );
  }
  if (major > 1 || minor > newestApi) {
    throw new EngineError(
      400,
      'api-version-too-new',
      `client version ${text} is too new. Maximum supported API version is 1.${newestApi}`,
    );
  }
  return minor;
}
