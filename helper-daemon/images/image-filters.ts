/** The filters of `docker images` and `docker image prune`. */
import type * as wire from '../../protocol/docker';
import type { Filters } from '../api/services';
import { EngineError } from '../error';

type CreatedOf = (name: string) => Promise<number>;

const isFalse = (value: string) => ['', '0', 'no', 'false', 'none'].includes(value.toLowerCase());
const split = (text: string): [string, string | undefined] => {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
};

/** A pattern like `local*`, matched on the whole name with or without its tag (Go's path.Match). */
export function matchesReference(pattern: string, names: readonly string[]): boolean {
  const expression = new RegExp(
    `^${pattern
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
  );
  return names.some(
    (name) => expression.test(name) || expression.test(name.slice(0, Math.max(name.lastIndexOf(':'), 0))),
  );
}

const hasLabel = (summary: wire.ImageSummary, wanted: string) => {
  const [key, value] = split(wanted);
  const actual = summary.Labels?.[key];
  return actual !== undefined && (value === undefined || actual === value);
};

/** Unix seconds of a time or of an age such as `24h`. */
export function filterTime(text: string, now: number): number {
  const age = /^(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|d)$/.exec(text);
  const seconds: Readonly<Record<string, number>> = {
    ns: 1e-9,
    us: 1e-6,
    ms: 1e-3,
    s: 1,
    m: 60,
    h: 3600,
    d: 86400,
  };
  if (age !== null) return now - Number(age[1]) * (seconds[age[2] ?? 's'] ?? 1);
  const number = Number(text);
  if (text !== '' && !Number.isNaN(number)) return number;
  const parsed = Date.parse(text);
  if (Number.isNaN(parsed))
    throw new EngineError(
      400,
      'invalid-filter',
      `invalid filter 'until=${text}': it is a time, seconds since 1970, or an age such as 24h`,
    );
  return parsed / 1000;
}

/** OR within a key, AND between keys and for labels. @throws EngineError 400 `invalid-filter` for an unknown key */
export async function matchesFilters(
  summary: wire.ImageSummary,
  filters: Filters,
  createdOf: CreatedOf,
): Promise<boolean> {
  for (const [key, values] of filters) {
    if (values.length > 0 && !(await matchesKey(summary, key, values, createdOf))) return false;
  }
  return true;
}

async function matchesKey(
  summary: wire.ImageSummary,
  key: string,
  values: readonly string[],
  createdOf: CreatedOf,
): Promise<boolean> {
  switch (key) {
    case 'dangling':
      return values.some((value) => (summary.RepoTags.length === 0) !== isFalse(value));
    case 'label':
      return values.every((value) => hasLabel(summary, value));
    case 'label!':
      return !values.some((value) => hasLabel(summary, value));
    case 'reference':
      return values.some((value) => matchesReference(value, [...summary.RepoTags, ...summary.RepoDigests]));
    case 'before':
      return summary.Created < (await createdOf(values[0] ?? ''));
    case 'since':
      return summary.Created > (await createdOf(values[0] ?? ''));
    case 'until':
      return values.every((value) => summary.Created < filterTime(value, Date.now() / 1000));
    default:
      throw new EngineError(400, 'invalid-filter', `invalid filter '${key}'`);
  }
}
