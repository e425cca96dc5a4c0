import { stripVTControlCharacters, styleText } from 'node:util';
import type { EnvironmentEvent, Report } from '../../core/devcontainer/progress';
import type { CommandContext } from '../command';

/** `8 ms`, `1.2 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

/**
 * One line a step, on standard error; the output of lifecycle commands indented below their name. On a terminal a line
 * at the bottom says what is going on.
 */
export class ProgressView {
  #atLineStart = true;
  #shown = false;

  constructor(private readonly err: CommandContext['err']) {}

  readonly report: Report = (event) => {
    this.#clear();
    this.#tell(event);
  };

  #tell(event: EnvironmentEvent): void {
    switch (event.kind) {
      case 'step':
        this.#step(event);
        return;
      case 'output':
        this.#output(event.stage, event.text);
        return;
      case 'pull': {
        const { id, status = '', progress = '' } = event.line;
        if (this.err.isTTY === true) this.#transient([id, status, progress].filter(Boolean).join(' '));
        return;
      }
      case 'notice':
        this.#line(`${this.#colour('yellow', '!')} ${event.text}`);
        return;
    }
  }

  #step({ name, state, detail = '', milliseconds = 0 }: Extract<EnvironmentEvent, { kind: 'step' }>): void {
    if (state === 'started') {
      if (this.err.isTTY === true) this.#transient(`${name} …`);
      return;
    }
    const mark = state === 'done' ? this.#colour('green', '✓') : this.#colour('red', '✗');
    this.#line(`${mark} ${name.padEnd(20)} ${detail.padEnd(44)} ${duration(milliseconds).padStart(8)}`);
  }

  /** Several commands may talk at once: a line is told whose it is when they do. */
  #output(stage: string, text: string): void {
    const name = stage.includes('.') ? `${stage.slice(stage.indexOf('.') + 1)}: ` : '';
    const plain = this.err.isTTY === true ? text : stripVTControlCharacters(text);
    for (const piece of plain.replaceAll('\r\n', '\n').split(/(?<=\n)/)) {
      this.err.write(`${this.#atLineStart ? `  │ ${name}` : ''}${piece}`);
      this.#atLineStart = piece.endsWith('\n');
    }
  }

  #line(text: string): void {
    this.err.write(`${this.#atLineStart ? '' : '\n'}${text.trimEnd()}\n`);
    this.#atLineStart = true;
  }

  #transient(text: string): void {
    if (!this.#atLineStart) return;
    // A terminal that does not know its size says 0.
    const { columns = 0 } = this.err;
    this.err.write(text.slice(0, (columns > 0 ? columns : 80) - 1));
    this.#shown = true;
  }

  #clear(): void {
    if (this.#shown) this.err.write('\r\x1b[K');
    this.#shown = false;
  }

  #colour(colour: 'green' | 'red' | 'yellow', text: string): string {
    return this.err.isTTY === true ? styleText(colour, text) : text;
  }
}
