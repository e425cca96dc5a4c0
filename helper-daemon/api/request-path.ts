import { EngineError } from '../error';

export interface RequestPath {
  /** Decoded once, without the version: `/containers/json`. */
  readonly path: string;
  /** `1.43`, when the path began with `/v1.43/`. */
  readonly version: string | undefined;
  /** What follows the question mark, still encoded. */
  readonly query: string;
}

const notFound = () => new EngineError(404, 'no-such-route', 'page not found');

/** C0, DEL and backslash never belong to a path of this API. */
const forbidden = new RegExp('[\\u0000-\\u001f\\u007f\\\\]');

/**
 * Brings a request target into its one normal form, or refuses it: no empty, `.` or `..` segment, decoded exactly once,
 * so that the router, the policy and the log all see the same path.
 * @param target the request line's second word
 */
export function parseRequestPath(target: string): RequestPath {
  const mark = target.indexOf('?');
  const encoded = mark < 0 ? target : target.slice(0, mark);
  let decoded: string;
  try {
    decoded = decodeURIComponent(encoded);
  } catch (error) {
    throw new EngineError(400, 'bad-path', 'the path is not valid percent-encoded UTF-8', { cause: error });
  }
  if (!decoded.startsWith('/') || forbidden.test(decoded)) throw notFound();
  const segments = decoded.slice(1).split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) throw notFound();
  const version = /^\/v(\d{1,3}\.\d{1,4})(\/.*)$/.exec(decoded);
  return {
    path: version?.[2] ?? decoded,
    version: version?.[1],
    query: mark < 0 ? '' : target.slice(mark + 1),
  };
}
