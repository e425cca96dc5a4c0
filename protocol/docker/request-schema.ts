/**
 * How request bodies are read. Docker's own daemon is written in Go, whose JSON decoder is forgiving in ways that clients
 * rely on, and unforgiving nowhere; Berth is as forgiving about spelling, but never about meaning:
 *
 * - `null` means "not set";
 * - keys match in any case, but one key twice (`Privileged` and `privileged`) is an error;
 * - a key that is not known is dropped if its value is neutral (null, false, 0, "", [], {}), else it is an error that names it.
 */
import { z } from 'zod';

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deeper than any real option: what lies below says something. */
const maxNeutralDepth = 16;

/** Whether a value is one of the spellings of "unset": null, false, 0, "", [], {} (or nothing but those, nested). */
export function isNeutral(value: unknown, depth = 0): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return true;
  if (typeof value !== 'object' || depth === maxNeutralDepth) return false;
  return Object.values(value).every((entry) => isNeutral(entry, depth + 1));
}

/** A field that may be absent or null; both read as absent. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null ? undefined : value), schema.optional());

/** A boolean; 0, 1 and the words are taken too. */
export const bool = z.preprocess((value) => {
  if (value === 0 || value === '0' || value === 'false' || value === 'False' || value === '') return false;
  if (value === 1 || value === '1' || value === 'true' || value === 'True') return true;
  return value;
}, z.boolean());

/** A whole number within ±2^53; a numeric string is taken too. */
export const int = z.preprocess(
  (value) => (typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value),
  z.int(),
);

/** A list of strings; one string stands for a list of one (Go's `strslice`). */
export const words = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(z.string()),
);

/** Values of a string map; docker-py and others send null or a bare number for a value. */
const mapValue = z.preprocess((value) => {
  if (value === null) return '';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}, z.string());

/** `{"key": "value"}` */
export const stringMap = z.record(z.string(), mapValue);

/** Go's `map[string]struct{}`: only the keys matter. */
export const keySet = z.record(
  z.string(),
  z.preprocess(() => ({}), z.object({})),
);

/**
 * The object of a request, strict about what it does not know (see the head of this file).
 * @param shape every field that the Docker API has for this object
 */
export function request<const Shape extends z.ZodRawShape>(shape: Shape) {
  const canonical = new Map(Object.keys(shape).map((key) => [key.toLowerCase(), key]));
  return z.preprocess((value, context) => {
    if (!isPlainObject(value)) return value;
    const result: Record<string, unknown> = {};
    for (const [key, entry] of Object.entries(value)) {
      const known = canonical.get(key.toLowerCase());
      if (known === undefined && isNeutral(entry)) continue;
      const name = known ?? key;
      if (Object.hasOwn(result, name)) {
        context.addIssue({ code: 'custom', message: `"${name}" is given more than once`, input: value });
        continue;
      }
      Object.defineProperty(result, name, {
        value: entry,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return result;
  }, z.strictObject(shape));
}
