import type { ServerResponse } from 'node:http';
import type { ProgressLine } from '../../protocol/docker';
import { jsonType, toFailure, writeError } from './answer';
import type { Exchange } from './exchange';

const encode = (line: ProgressLine) => `${JSON.stringify(line)}\r\n`;

/** Writes lines as fast as the client reads; for a slow one only the newest figure of each layer is kept. */
class LineWriter {
  /** Figures that wait, by layer. A line that is no figure is never dropped, and goes after those that wait. */
  private readonly figures = new Map<string, ProgressLine>();

  constructor(private readonly response: ServerResponse) {
    response.on('drain', () => this.flush());
  }

  write(line: ProgressLine): void {
    if (!this.response.headersSent) this.response.writeHead(200, { 'Content-Type': jsonType });
    const figure = line.progressDetail?.current !== undefined && line.id !== undefined;
    if (figure && this.response.writableNeedDrain) {
      this.figures.set(`${String(line.id)} ${line.status ?? ''}`, line);
      return;
    }
    this.flush();
    this.response.write(encode(line));
  }

  end(): void {
    this.flush();
    if (!this.response.headersSent) this.response.writeHead(200, { 'Content-Type': jsonType });
    this.response.end();
  }

  private flush(): void {
    for (const line of this.figures.values()) this.response.write(encode(line));
    this.figures.clear();
  }
}

/**
 * Answers with a JSON progress stream (one object a line, `\r\n`). A failure before the first line is an ordinary error,
 * after it the last line. The work is told by `exchange.signal` when the client goes.
 */
export async function answerWithProgress(
  exchange: Exchange,
  work: (progress: (line: ProgressLine) => void) => Promise<void>,
): Promise<void> {
  const { response, log, signal } = exchange;
  const lines = new LineWriter(response);
  try {
    await work((line) => {
      if (!signal.aborted) lines.write(line);
    });
    lines.end();
  } catch (error) {
    if (signal.aborted) return;
    if (!response.headersSent) {
      writeError(response, error, log);
      return;
    }
    const { message } = toFailure(error, log);
    lines.write({ errorDetail: { message }, error: message });
    lines.end();
  }
}
