export type QueryValue = string | number | boolean | readonly string[] | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

/** Docker's `filters`: OR within a key, except `label`, which is AND. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** `?a=1&b=x`, or nothing; booleans become 1 and 0, lists repeat their key, undefined is left out. */
export function encodeQuery(query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    if (typeof value === 'object') for (const item of value) parameters.append(key, item);
    else if (typeof value === 'boolean') parameters.append(key, value ? '1' : '0');
    else parameters.append(key, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** The JSON of the `filters` parameter in the engine's shape (`{"label":{"a=b":true}}`), undefined when there are none. */
export function encodeFilters(filters: Filters | undefined): string | undefined {
  const entries = Object.entries(filters ?? {}).filter(([, values]) => values.length > 0);
  if (entries.length === 0) return undefined;
  return JSON.stringify(
    Object.fromEntries(
      entries.map(([key, values]) => [key, Object.fromEntries(values.map((value) => [value, true]))]),
    ),
  );
}

/** An image name as a path: slashes, colons and the at-sign stay, as every Docker client sends them. */
export function imagePath(name: string): string {
  return encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@');
}
