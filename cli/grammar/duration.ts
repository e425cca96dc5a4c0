const nanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/**
 * Nanoseconds of Go's notation: `30s`, `1m30s`, `1.5h`, `0`.
 * @throws Error for anything else
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) {
    throw new Error(`'${text}' is not a duration such as 30s or 1m30s`);
  }
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(number) * (nanoseconds[unit ?? ''] ?? 0);
  }
  return Math.round(total);
}

/**
 * Unix seconds of `--since` and `--until`: Unix seconds themselves, an RFC 3339 time or date (without a zone: local), or how long ago (`10m`).
 * @throws Error for anything else
 */
export function parseTimestamp(text: string, now: number = Date.now() / 1000): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const time = Date.parse(text.length === 10 ? `${text}T00:00:00` : text);
    if (!Number.isNaN(time)) return time / 1000;
  } else if (/^[\d.]+[nuµmsh]/.test(text)) return now - parseDuration(text) / 1e9;
  throw new Error(`'${text}' is neither a time such as 2026-01-31T12:00:00Z nor a duration such as 10m`);
}
