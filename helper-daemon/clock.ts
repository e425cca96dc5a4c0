/** Times as Docker writes them: RFC 3339 in UTC with nanoseconds. */

const nsPerMs = 1_000_000n;
const nsPerSecond = 1_000_000_000n;

/** What Docker says for "never". */
export const never = '0001-01-01T00:00:00Z';

/** Unix time in nanoseconds; the clock behind it has microseconds. */
export function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}

/** @param digits Docker trims trailing zeros in inspect, but writes all nine in logs */
export function rfc3339(ns: bigint, digits: 'trimmed' | 'fixed' = 'trimmed'): string {
  const seconds = new Date(Number((ns / nsPerSecond) * 1000n)).toISOString().slice(0, 19);
  const fraction = (ns % nsPerSecond).toString().padStart(9, '0');
  if (digits === 'fixed') return `${seconds}.${fraction}Z`;
  const trimmed = fraction.replace(/0+$/, '');
  return trimmed === '' ? `${seconds}Z` : `${seconds}.${trimmed}Z`;
}

/** The inverse of `rfc3339`; `never` and garbage are 0. */
export function parseRfc3339(text: string): bigint {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  if (match?.[1] === undefined || text === never) return 0n;
  return BigInt(Date.parse(`${match[1]}Z`)) * nsPerMs + BigInt((match[2] ?? '').padEnd(9, '0'));
}
