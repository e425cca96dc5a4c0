import { byteText } from './byte-text';

/** The parts of a progress line that matter here (Docker's JSON progress). */
export interface PullLine {
  readonly id?: string | undefined;
  readonly status?: string | undefined;
  readonly progressDetail?:
    { readonly current?: number | undefined; readonly total?: number | undefined } | undefined;
}

interface Layer {
  current: number;
  total: number;
  done: boolean;
}

/** Adds up the layers of a pull, so that one line and one percentage can be shown for all of them. */
export class PullSummary {
  readonly #layers = new Map<string, Layer>();
  #last = '';

  take(line: PullLine): void {
    const status = line.status ?? '';
    if (line.id === undefined || !/^[0-9a-f]{12}$/.test(line.id)) {
      this.#last = [line.id, status].filter((part) => part !== undefined && part !== '').join(': ');
      return;
    }
    const layer = this.#layers.get(line.id) ?? { current: 0, total: 0, done: false };
    this.#layers.set(line.id, layer);
    if (status === 'Downloading') {
      layer.current = line.progressDetail?.current ?? layer.current;
      layer.total = line.progressDetail?.total ?? layer.total;
    } else if (status === 'Pull complete' || status === 'Already exists' || status === 'Download complete') {
      layer.current = layer.total;
      layer.done = status !== 'Download complete';
    }
  }

  /** `3 of 5 layers, 12 MB of 40 MB`, or what the engine said last when no layer is known. */
  text(): string {
    if (this.#layers.size === 0) return this.#last;
    const layers = [...this.#layers.values()];
    const { current, total } = this.#bytes();
    const bytes = total === 0 ? '' : `, ${byteText(current)} / ${byteText(total)}`;
    return `${layers.filter((layer) => layer.done).length} / ${layers.length}${bytes}`;
  }

  /** 0 to 99; the last percent belongs to the engine's last word. */
  percent(): number {
    const { current, total } = this.#bytes();
    return total === 0 ? 0 : Math.min(99, Math.floor((current / total) * 100));
  }

  #bytes(): { current: number; total: number } {
    let current = 0;
    let total = 0;
    for (const layer of this.#layers.values()) {
      current += layer.current;
      total += layer.total;
    }
    return { current, total };
  }
}
