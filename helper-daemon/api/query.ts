import { EngineError } from '../error';
import type { Filters } from './services';

const falseWords = new Set(['', '0', 'no', 'false', 'none']);

const bad = (name: string, value: string, expected: string) =>
  new EngineError(400, 'bad-parameter', `invalid value "${value}" for parameter "${name}": ${expected}`);

/** The query of a request, read with Docker's leniency: of a repeated parameter the first value counts. */
export class Query {
  private readonly values: URLSearchParams;

  /** @param encoded what follows the question mark; `+` is a space */
  constructor(encoded: string) {
    this.values = new URLSearchParams(encoded);
  }

  /** Undefined when absent or empty. */
  text(name: string): string | undefined {
    const value = this.values.get(name);
    return value === null || value === '' ? undefined : value;
  }

  all(name: string): string[] {
    return this.values.getAll(name);
  }

  /** False is `""`, `0`, `no`, `false`, `none` in any case, and absence. */
  flag(name: string): boolean {
    const value = this.values.get(name);
    return value !== null && !falseWords.has(value.trim().toLowerCase());
  }

  /** @throws EngineError 400 for anything but a whole number within ±2^53 */
  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!/^[+-]?\d+$/.test(value) || !Number.isSafeInteger(number))
      throw bad(name, value, 'expected a whole number');
    return number;
  }

  /** Unix seconds with an optional fraction. */
  seconds(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d{1,12}(\.\d*)?$/.test(value)) throw bad(name, value, 'expected Unix seconds');
    return Number(value);
  }

  /**
   * `filters` in both shapes, `{"label":{"a=b":true}}` and `{"label":["a=b"]}`.
   * @param known the keys that this endpoint understands
   * @throws EngineError 400 for an unknown key, Docker's `invalid filter`
   */
  filters(known: ReadonlySet<string>): Filters {
    const text = this.text('filters');
    const result = new Map<string, readonly string[]>();
    if (text === undefined) return result;
    for (const [key, entry] of Object.entries(parseObject(text))) {
      if (!known.has(key)) throw new EngineError(400, 'bad-filter', `invalid filter '${key}'`);
      const values = filterValues(key, entry);
      if (values.length > 0) result.set(key, values);
    }
    return result;
  }
}

function parseObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EngineError(400, 'bad-filter', 'invalid filter: the filters are not valid JSON', {
      cause: error,
    });
  }
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new EngineError(400, 'bad-filter', 'invalid filter: expected an object of lists');
  }
  return value;
}

function filterValues(key: string, entry: unknown): string[] {
  const list =
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.keys(entry)
      : [entry].flat();
  return list
    .filter((value) => value !== null)
    .map((value) => {
      if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
        return String(value);
      throw new EngineError(400, 'bad-filter', `invalid filter '${key}': expected strings`);
    });
}
