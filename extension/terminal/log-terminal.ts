import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import * as vscode from 'vscode';
import type { EngineClient } from '../../core/engine/client';
import { isAbort, messageOf } from '../../core/error';
import { failureText } from './process-terminal';

/** Lines of the past that are shown first. */
const tail = 2000;

/** A container's output, followed as long as the terminal is open. Colours stay; nothing can be typed. */
export class LogTerminal implements vscode.Pseudoterminal {
  readonly #written = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.#written.event;
  readonly #ending = new AbortController();

  constructor(
    private readonly engine: () => Promise<EngineClient>,
    private readonly container: string,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  open(): void {
    void this.#run();
  }

  close(): void {
    this.#ending.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    try {
      const engine = await this.engine();
      const { copyOutput } = await import(/* webpackMode: "eager" */ '../../core/engine/stdcopy');
      const output = await engine.containers.logs(this.container, { follow: true, tail, signal });
      await copyOutput(output, this.#sink(''), this.#sink('\x1b[33m'));
      this.#written.fire(`\r\n\x1b[2m${vscode.l10n.t('— the container has ended —')}\x1b[0m\r\n`);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.log.error(messageOf(error));
      this.#written.fire(failureText(error));
    }
  }

  /** Writes to the terminal in one colour; a terminal needs a carriage return at each line's end. */
  #sink(colour: string): Writable {
    const decoder = new StringDecoder('utf8');
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        const text = decoder.write(chunk).replace(/\r?\n/g, '\r\n');
        this.#written.fire(colour === '' ? text : `${colour}${text}\x1b[0m`);
        done();
      },
    });
  }
}
