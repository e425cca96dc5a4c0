/** Choosing the manifest of an index that this machine can run. */
import { EngineError } from '../error';
import type { IndexEntry, Platform } from './manifest';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** What this machine runs, in the words of images. */
export const hostPlatform: Platform = {
  os: 'linux',
  architecture: architectures[process.arch] ?? process.arch,
};

const aliases: Readonly<Record<string, string>> = { x86_64: 'amd64', 'x86-64': 'amd64', aarch64: 'arm64' };

/** `linux/arm64`, `linux/arm/v7`, `arm64`. @throws EngineError 400 `invalid-platform` */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  const [first = '', second, third] = parts;
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9][a-z0-9_-]*$/.test(part))) {
    throw new EngineError(
      400,
      'invalid-platform',
      `"${text}": invalid platform; it is written like linux/amd64`,
    );
  }
  const os = second === undefined && first !== 'linux' ? 'linux' : first;
  const architecture = second ?? (first === 'linux' ? hostPlatform.architecture : first);
  const known = aliases[architecture] ?? architecture;
  return { os, architecture: known, ...(third === undefined ? {} : { variant: third }) };
}

export const platformText = ({ os, architecture, variant }: Platform): string =>
  [os, architecture, variant].filter((part) => part !== undefined && part !== '').join('/');

/** An image for arm64 rarely says that it means v8, the only variant in use. */
const variantOf = ({ architecture, variant }: Platform) =>
  architecture === 'arm64' && (variant === undefined || variant === '') ? 'v8' : (variant ?? '');

export function matches(wanted: Platform, offered: Platform): boolean {
  if (wanted.os !== offered.os || wanted.architecture !== offered.architecture) return false;
  return wanted.variant === undefined || variantOf(wanted) === variantOf(offered);
}

/**
 * The first entry that fits, as Docker does; entries without a platform, or with `unknown` (attestations), are never chosen.
 * @param reference for the message
 * @throws EngineError 404 `no-matching-manifest`, Docker's wording
 */
export function choosePlatform(
  entries: readonly IndexEntry[],
  wanted: Platform,
  reference: string,
): IndexEntry {
  const chosen = entries.find((entry) => entry.platform !== undefined && matches(wanted, entry.platform));
  if (chosen !== undefined) return chosen;
  const offered = entries.flatMap((entry) =>
    entry.platform === undefined || entry.platform.os === 'unknown' ? [] : [platformText(entry.platform)],
  );
  throw new EngineError(
    404,
    'no-matching-manifest',
    `no matching manifest for ${platformText(wanted)} in the manifest list entries of ${reference}${offered.length === 0 ? '' : `; it is there for ${offered.join(', ')}`}`,
  );
}
