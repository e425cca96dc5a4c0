import type { Filters } from '../core/engine/query';

/** `--filter key=value`, gathered by key. @throws Error for one without a value */
export function parseFilter(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new Error('invalid filter: must be given as key=value');
  return [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
}

export function gatherFilters(pairs: readonly (readonly [string, string])[]): Filters {
  const filters: Record<string, string[]> = {};
  for (const [key, value] of pairs) (filters[key] ??= []).push(value);
  return filters;
}
