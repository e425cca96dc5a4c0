import type { Writable } from 'node:stream';
import type { ProgressLine } from '../../protocol/docker';
import { humanSize } from '../format/units';

export interface ProgressView {
  show(line: ProgressLine): void;
}

const barWidth = 50;

/** `[=====>     ]  4.2MB/20MB`; without a total only what is here. */
export function drawBar(current: number, total: number | undefined, columns: number): string {
  if (total === undefined || total <= 0) return current > 0 ? humanSize(current) : '';
  const numbers = `${humanSize(Math.min(current, total)).padStart(8)}/${humanSize(total)}`;
  const width = Math.min(barWidth, columns - 40);
  if (width < 10) return numbers;
  const filled = Math.floor((Math.min(current, total) / total) * width);
  const bar = filled >= width ? '='.repeat(width) : `${'='.repeat(filled)}>`.padEnd(width);
  return `[${bar}] ${numbers}`;
}

/** One line a layer, drawn over again as it changes; other lines come below and stay. */
export class TerminalProgress implements ProgressView {
  readonly #lineOf = new Map<string, number>();
  #lines = 0;

  constructor(private readonly out: Writable & { columns?: number }) {}

  show(line: ProgressLine): void {
    const columns = this.out.columns ?? 80;
    const { id, status = '', progressDetail: detail } = line;
    const bar =
      detail?.current === undefined ? (line.progress ?? '') : drawBar(detail.current, detail.total, columns);
    const text = (
      line.stream ?? `${id === undefined ? '' : `${id}: `}${status}${bar === '' ? '' : ` ${bar}`}`
    ).trimEnd();
    const shown = text.slice(0, columns - 1);
    if (id === undefined || (detail === undefined && !this.#lineOf.has(id) && !/^[0-9a-f]{12}$/.test(id))) {
      this.#append(shown);
      // Layers that follow are below it: start a new block.
      this.#lineOf.clear();
      this.#lines = 0;
      return;
    }
    const known = this.#lineOf.get(id);
    if (known === undefined) {
      this.#lineOf.set(id, this.#lines);
      this.#append(shown);
      return;
    }
    const up = this.#lines - known;
    this.out.write(`\x1b[${up}A\r\x1b[2K${shown}\r\x1b[${up}B`);
  }

  #append(text: string): void {
    this.out.write(`\r\x1b[2K${text}\n`);
    this.#lines++;
  }
}

/** For files and pipes: every change of state once, no bars. */
export class PlainProgress implements ProgressView {
  readonly #last = new Map<string, string>();

  constructor(private readonly out: Writable) {}

  show(line: ProgressLine): void {
    const { id, status = '' } = line;
    if (line.stream !== undefined) {
      this.out.write(line.stream);
      return;
    }
    if ((line.progressDetail?.current ?? 0) > 0 || (line.progress ?? '') !== '') return;
    if (id !== undefined) {
      if (this.#last.get(id) === status) return;
      this.#last.set(id, status);
    }
    this.out.write(`${id === undefined ? '' : `${id}: `}${status}\n`);
  }
}

export function progressView(out: Writable & { isTTY?: boolean; columns?: number }): ProgressView {
  return out.isTTY === true ? new TerminalProgress(out) : new PlainProgress(out);
}
