/** Pairs of measurements: ours and a peer's in turn, so that a machine that slows down slows both. */

export interface Sample {
  readonly ours: number;
  readonly peer: number;
}

export interface Row {
  readonly name: string;
  readonly unit: 'ms' | 'MB' | 'MB/s';
  readonly peer: string;
  /** Medians; peer undefined where it is not installed. */
  readonly ours: number;
  readonly theirs: number | undefined;
  /** ours ÷ peer that performance.md asks for. */
  readonly aim: number | undefined;
  readonly runs: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('the median of nothing');
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Milliseconds that `work` takes. */
export async function time(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** One uncounted round, then `runs` counted ones, ours and the peer's alternating. */
export async function alternate(
  runs: number,
  ours: () => Promise<number>,
  peer: (() => Promise<number>) | undefined,
): Promise<{ ours: number; theirs: number | undefined }> {
  const mine: number[] = [];
  const others: number[] = [];
  for (let round = 0; round <= runs; round++) {
    const a = await ours();
    const b = peer === undefined ? undefined : await peer();
    if (round === 0) continue;
    mine.push(a);
    if (b !== undefined) others.push(b);
  }
  return { ours: median(mine), theirs: others.length > 0 ? median(others) : undefined };
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${row.ours.toFixed(1)} ${row.unit}`,
    row.theirs === undefined ? 'not installed' : `${row.theirs.toFixed(1)} ${row.unit}`,
    row.theirs === undefined ? '–' : (row.ours / row.theirs).toFixed(3),
    row.aim === undefined ? '–' : `${row.unit === 'MB/s' ? '≥' : '≤'} ${row.aim.toFixed(2)}`,
    row.peer,
    String(row.runs),
  ]);
  const all = [['work', 'ours (median)', 'peer (median)', 'ratio', 'aim', 'peer', 'runs'], ...cells];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
