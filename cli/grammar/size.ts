const factors: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  p: 1024 ** 5,
};

/**
 * Bytes of `64m`, `1.5g`, `512kb`, `1GiB`, `1024`: units are powers of 1024, as docker reads them.
 * @throws Error for anything else
 */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?(b?)$/i.exec(text);
  const factor = factors[(match?.[2] ?? '?').toLowerCase()];
  if (match?.[1] === undefined || factor === undefined) throw new Error(`invalid size: '${text}'`);
  return Math.floor(Number(match[1]) * factor);
}

/** As parseSize, and -1 for "no limit". */
export function parseSizeOrUnlimited(text: string): number {
  return text === '-1' ? -1 : parseSize(text);
}

/** Docker's NanoCpus of `0.5` CPUs. */
export function parseCpus(text: string): number {
  if (!/^\d*\.?\d+$/.test(text)) throw new Error(`'${text}' is not a number of CPUs such as 1 or 0.5`);
  const nano = Math.round(Number(text) * 1e9);
  if (nano > 0 && nano < 1e6) throw new Error('a thousandth of a CPU is the least');
  return nano;
}
