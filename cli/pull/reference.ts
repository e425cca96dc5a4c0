import { BerthError } from '../../core/error';

/** An image's name in full. */
export interface Reference {
  /** `docker.io`, `localhost:5000` */
  readonly registry: string;
  /** `library/redis` */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const namePattern = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;

/**
 * Reads a name the way docker does: what stands before the first slash is a registry if it looks like a host; without a
 * registry it is `docker.io`, and there a single word is in `library/`; without tag and digest the tag is `latest`.
 * @throws BerthError when it is no name
 */
export function parseReference(text: string): Reference {
  const [beforeDigest = '', digest, ...more] = text.split('@');
  const slash = beforeDigest.indexOf('/');
  const first = beforeDigest.slice(0, Math.max(0, slash));
  const isHost =
    slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const registry = isHost ? first : 'docker.io';
  const rest = isHost ? beforeDigest.slice(slash + 1) : beforeDigest;
  const colon = rest.lastIndexOf(':');
  const path = colon === -1 ? rest : rest.slice(0, colon);
  const tag = colon === -1 ? undefined : rest.slice(colon + 1);
  const invalid = (why: string) =>
    new BerthError(
      'invalid reference format',
      `“${text}”: ${why}.`,
      'Write it as in debian, debian:12 or localhost:5000/team/app:1.',
    );
  if (more.length > 0) throw invalid('it has more than one @');
  if (path !== path.toLowerCase()) throw invalid('repository name must be lowercase');
  if (!namePattern.test(path)) throw invalid('the repository name has characters that are not allowed');
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) throw invalid('the tag is not a valid one');
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw invalid('the digest is not a valid one');
  return {
    registry: registry === 'index.docker.io' ? 'docker.io' : registry,
    repository: registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path,
    tag: tag ?? (digest === undefined ? 'latest' : undefined),
    digest,
  };
}

/** `docker.io/library/redis:latest` */
export function canonicalName(reference: Reference): string {
  const { registry, repository, tag, digest } = reference;
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** `redis:latest`: as short as it can be said. */
export function familiarName(reference: Reference): string {
  const full = canonicalName(reference);
  return full.replace(/^docker\.io\/(?:library\/)?/, '');
}
