/** Proportional resident memory of processes, from smaps_rollup (proc(5)), in megabytes: shared pages count once. */
import { readFileSync } from 'node:fs';

export function residentMegabytes(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => {
    try {
      return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      return 0; // it ended meanwhile
    }
  });
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}
