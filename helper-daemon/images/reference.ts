/**
 * Names of images, with Docker's rules: the grammar of https://github.com/distribution/reference, "familiar" names on the outside
 * (`redis`), canonical ones within (`docker.io/library/redis`).
 */
import { EngineError } from '../error';
import { isDigest } from '../storage/digest';

export const defaultDomain = 'docker.io';
const officialPrefix = 'library/';
const maxNameLength = 255;

const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainPattern = new RegExp(
  `^(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]{1,5})?$`,
);
const pathPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

export interface Repository {
  /** `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly domain: string;
  /** `library/redis` */
  readonly path: string;
}

export interface Reference {
  readonly repository: Repository;
  readonly tag: string | undefined;
  /** `sha256:…`; when there is one, it decides and the tag is decoration. */
  readonly digest: string | undefined;
}

const invalid = (why: string) => new EngineError(400, 'invalid-reference', `invalid reference format${why}`);

/** The first part is a registry when it looks like a host: it has a dot or a port, is `localhost`, or has capitals. */
function splitDomain(name: string): Repository {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  const isDomain =
    slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  let domain = isDomain ? first : defaultDomain;
  let path = isDomain ? name.slice(slash + 1) : name;
  if (domain === 'index.docker.io') domain = defaultDomain;
  if (domain === defaultDomain && !path.includes('/')) path = officialPrefix + path;
  return { domain, path };
}

/**
 * @param text as users write it: `redis`, `redis:7`, `localhost:5000/a/b@sha256:…`
 * @throws EngineError 400 `invalid-reference` with Docker's wording
 */
export function parseReference(text: string): Reference {
  if (text.length > maxNameLength + 128 + 72) throw invalid(': it is too long');
  if (/^[0-9a-f]{64}$/.test(text)) throw invalid(`: cannot specify 64-byte hexadecimal strings`);
  const at = text.indexOf('@');
  const digest = at === -1 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest))
    throw invalid(': a digest is "sha256:" and 64 lower-case hexadecimal digits');
  const beforeDigest = at === -1 ? text : text.slice(0, at);
  const colon = beforeDigest.lastIndexOf(':');
  const hasTag = colon > beforeDigest.lastIndexOf('/');
  const tag = hasTag ? beforeDigest.slice(colon + 1) : undefined;
  if (tag !== undefined && !tagPattern.test(tag)) throw invalid('');
  return { repository: parseRepository(hasTag ? beforeDigest.slice(0, colon) : beforeDigest), tag, digest };
}

/** A name without tag or digest. @throws EngineError 400 `invalid-reference` */
export function parseRepository(name: string): Repository {
  const repository = splitDomain(name);
  if (!pathPattern.test(repository.path)) {
    if (pathPattern.test(repository.path.toLowerCase()))
      throw invalid(`: repository name (${repository.path}) must be lowercase`);
    throw invalid('');
  }
  if (!domainPattern.test(repository.domain)) throw invalid('');
  if (canonicalName(repository).length > maxNameLength)
    throw invalid(`: repository name must not be more than ${maxNameLength} characters`);
  return repository;
}

/** @throws EngineError 400 `invalid-reference` */
export function parseTag(tag: string): string {
  if (!tagPattern.test(tag)) throw invalid('');
  return tag;
}

/** `docker.io/library/redis` */
export const canonicalName = ({ domain, path }: Repository): string => `${domain}/${path}`;

/** `redis`, as users know it. */
export function familiarName({ domain, path }: Repository): string {
  if (domain !== defaultDomain) return `${domain}/${path}`;
  const short = path.startsWith(officialPrefix) ? path.slice(officialPrefix.length) : path;
  return short.includes('/') ? path : short;
}

/** `redis:latest`, `redis@sha256:…`. */
export function familiarReference({ repository, tag, digest }: Reference): string {
  if (digest !== undefined) return `${familiarName(repository)}@${digest}`;
  return `${familiarName(repository)}:${tag ?? 'latest'}`;
}

/** Splits what `canonicalName` joined. */
export function repositoryOf(canonical: string): Repository {
  const slash = canonical.indexOf('/');
  return { domain: canonical.slice(0, slash), path: canonical.slice(slash + 1) };
}
