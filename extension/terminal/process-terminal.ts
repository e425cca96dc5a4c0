import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import * as vscode from 'vscode';
import { BerthError, isAbort, messageOf } from '../../core/error';

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** A process with a tty somewhere else. */
export interface TerminalProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Settles after the output has ended. */
  readonly exitCode: Promise<number>;
  resize(size: TerminalSize): Promise<void>;
}

/** Called when the terminal opens; the signal aborts when it is closed. */
export type Launch = (size: TerminalSize | undefined, signal: AbortSignal) => Promise<TerminalProcess>;

/** What programs may assume of the editor's terminal. */
export const terminalEnvironment: readonly string[] = [
  'TERM=xterm-256color',
  'COLORTERM=truecolor',
  'TERM_PROGRAM=vscode',
];

/** Joins a terminal of the editor to such a process. Closing the terminal hangs the process up. */
export class ProcessTerminal implements vscode.Pseudoterminal {
  readonly #written = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#closed.event;
  readonly #ending = new AbortController();
  #process: TerminalProcess | undefined;
  #size: TerminalSize | undefined;
  /** Keys that were hit before the process was there. */
  #early = '';
  #resizing: Promise<void> = Promise.resolve();

  constructor(
    private readonly launch: Launch,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  open(dimensions: vscode.TerminalDimensions | undefined): void {
    this.#size = dimensions && { rows: dimensions.rows, columns: dimensions.columns };
    void this.#run();
  }

  handleInput(data: string): void {
    if (this.#process === undefined) this.#early += data;
    else if (!this.#process.stdin.writableEnded) this.#process.stdin.write(data);
  }

  setDimensions({ rows, columns }: vscode.TerminalDimensions): void {
    this.#size = { rows, columns };
    const process = this.#process;
    if (process === undefined) return;
    // One after the other: the last size must win.
    this.#resizing = this.#resizing
      .then(() => process.resize({ rows, columns }))
      .catch((error: unknown) => this.log.debug(`resize: ${messageOf(error)}`));
  }

  close(): void {
    this.#ending.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    try {
      const asked = this.#size;
      const process = await this.launch(asked, signal);
      this.#process = process;
      process.stdin.on('error', (error) => this.log.debug(`terminal input: ${messageOf(error)}`));
      if (this.#size !== undefined && this.#size !== asked) this.setDimensions(this.#size);
      if (this.#early !== '') process.stdin.write(this.#early);
      const decoder = new StringDecoder('utf8');
      for await (const chunk of process.stdout as AsyncIterable<Buffer>)
        this.#written.fire(decoder.write(chunk));
      this.#closed.fire(await process.exitCode);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.log.error(messageOf(error));
      this.#written.fire(failureText(error));
      this.#closed.fire(1);
    } finally {
      this.#process?.stdin.end();
    }
  }
}

/** What, why and next in red, with the line ends that a terminal needs. */
export function failureText(error: unknown): string {
  const text = error instanceof BerthError ? error.explain() : messageOf(error);
  return `\x1b[31m${text.replaceAll('\n', '\r\n')}\x1b[0m\r\n`;
}
