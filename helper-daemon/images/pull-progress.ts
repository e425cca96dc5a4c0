/** A pull's lines as Docker prints them: one state after another for each layer, its bytes at most ten times a second. */
import type { Progress } from '../api/services';

const interval = 100;
const barWidth = 50;
const shortIdLength = 12;

export const shortId = (digest: string): string =>
  digest.slice('sha256:'.length, 'sha256:'.length + shortIdLength);

/** 1.5MB, decimal units with four significant digits, as Docker writes them. */
export function humanSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${Number(size.toPrecision(4))}${units[unit] ?? ''}`;
}

/** `[====>    ]  1.2MB/3MB` */
export function progressBar(current: number, total: number): string {
  if (total <= 0) return humanSize(current);
  const filled = Math.min(barWidth, Math.floor((current / total) * barWidth));
  const bar =
    filled < barWidth ? `${'='.repeat(filled)}>${' '.repeat(barWidth - filled - 1)}` : '='.repeat(barWidth);
  return `[${bar}]  ${humanSize(current).padStart(7)}/${humanSize(total)}`;
}

export type LayerStatus =
  | 'Pulling fs layer'
  | 'Waiting'
  | 'Verifying Checksum'
  | 'Download complete'
  | 'Extracting'
  | 'Pull complete'
  | 'Already exists';

/** The lines of one layer. */
export class LayerProgress {
  private lastBytes = -Infinity;

  /**
   * @param digest of the blob: its first digits are the lines' id
   * @param total bytes of the download
   */
  constructor(
    private readonly progress: Progress,
    private readonly digest: string,
    private readonly total: number,
  ) {}

  status(status: LayerStatus): void {
    this.progress({ status, progressDetail: {}, id: shortId(this.digest) });
  }

  bytes(status: 'Downloading' | 'Extracting', current: number, total: number = this.total): void {
    const now = performance.now();
    if (now - this.lastBytes < interval && current < total) return;
    this.lastBytes = now;
    this.progress({
      status,
      progressDetail: { current, total },
      progress: progressBar(current, total),
      id: shortId(this.digest),
    });
  }
}
