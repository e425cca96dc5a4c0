import { TemplateError } from './template-parse';

/** Go's notion of truth: not false, 0, "", nil or empty. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** How Go's templates print a value. */
export function goText(value: unknown): string {
  if (value === undefined) return '<no value>';
  return goNested(value);
}

function goNested(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goNested).join(' ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, item]) => `${key}:${goNested(item)}`).join(' ')}]`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const asText = (value: unknown): string => (value === undefined ? '' : goNested(value));

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const left = asText(a);
  const right = asText(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function index(container: unknown, keys: readonly unknown[]): unknown {
  let value = container;
  for (const key of keys) {
    if (Array.isArray(value) && typeof key === 'number') {
      if (key < 0 || key >= value.length) throw new TemplateError(`index out of range: ${key}`);
      value = value[key] as unknown;
    } else if (typeof value === 'object' && value !== null && typeof key === 'string') {
      // A key that a map does not have gives its zero value, in practice an empty string.
      const record = value as Readonly<Record<string, unknown>>;
      value = Object.hasOwn(record, key) ? record[key] : '';
    } else throw new TemplateError(`cannot index ${goText(value)} with ${goText(key)}`);
  }
  return value;
}

/** Go's verbs %s %v %d %q %x %f %t with flags and widths. */
function printf(format: string, values: readonly unknown[]): string {
  let next = 0;
  return format.replace(
    /%([-0]*)(\d*)(?:\.(\d+))?([svdqxft%])/g,
    (_all, flags: string, width: string, digits: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      const value = values[next++];
      const number = Number(value);
      const shown =
        verb === 'q'
          ? JSON.stringify(asText(value))
          : verb === 'x'
            ? number.toString(16)
            : verb === 'f'
              ? number.toFixed(digits === undefined ? 6 : Number(digits))
              : asText(value).slice(0, digits === undefined || verb !== 's' ? undefined : Number(digits));
      const size = Number(width || '0');
      if (flags.includes('-')) return shown.padEnd(size);
      return shown.padStart(size, flags.includes('0') ? '0' : ' ');
    },
  );
}

type Evaluated = (values: readonly unknown[]) => unknown;

const functions: Readonly<Record<string, Evaluated>> = {
  json: ([value]) => JSON.stringify(value ?? null),
  len: ([value]) =>
    typeof value === 'string' || Array.isArray(value)
      ? value.length
      : typeof value === 'object' && value !== null
        ? Object.keys(value).length
        : 0,
  index: ([container, ...keys]) => index(container, keys),
  join: ([items, separator]) =>
    Array.isArray(items) ? items.map(asText).join(asText(separator)) : asText(items),
  split: ([value, separator]) => asText(value).split(asText(separator)),
  lower: ([value]) => asText(value).toLowerCase(),
  upper: ([value]) => asText(value).toUpperCase(),
  title: ([value]) => asText(value).replace(/\b\w/g, (letter) => letter.toUpperCase()),
  pad: ([value, before, after]) => ' '.repeat(Number(before)) + asText(value) + ' '.repeat(Number(after)),
  truncate: ([value, length]) => asText(value).slice(0, Number(length)),
  print: (values) => values.map(asText).join(''),
  println: (values) => `${values.map(asText).join(' ')}\n`,
  printf: ([format, ...values]) => printf(asText(format), values),
  eq: ([first, ...others]) => others.some((other) => compare(first, other) === 0),
  ne: ([a, b]) => compare(a, b) !== 0,
  lt: ([a, b]) => compare(a, b) < 0,
  le: ([a, b]) => compare(a, b) <= 0,
  gt: ([a, b]) => compare(a, b) > 0,
  ge: ([a, b]) => compare(a, b) >= 0,
  not: ([value]) => !isTrue(value),
};

/** Arguments come unevaluated, since `and` and `or` stop early. @throws TemplateError for an unknown name */
export function callFunction(name: string, lazy: readonly (() => unknown)[]): unknown {
  if (name === 'and' || name === 'or') {
    let value: unknown;
    for (const next of lazy) {
      value = next();
      if (isTrue(value) === (name === 'or')) break;
    }
    return value;
  }
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (found === undefined) throw new TemplateError(`function "${name}" not defined`);
  return found(lazy.map((argument) => argument()));
}
