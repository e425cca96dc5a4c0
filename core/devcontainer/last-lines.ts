import { stripVTControlCharacters } from 'node:util';

/** Keeps the end of an output, without colours and cursor movements, for an error message. */
export class LastLines {
  #text = '';

  constructor(
    private readonly lines = 12,
    private readonly characters = 4000,
  ) {}

  add(text: string): void {
    this.#text = (this.#text + text).slice(-this.characters);
  }

  /** A line that was overwritten by carriage returns counts as it was last. */
  get(): string[] {
    return stripVTControlCharacters(this.#text)
      .split(/\r?\n/)
      .map((line) => line.replace(/\r+$/, '').split('\r').at(-1) ?? '')
      .filter((line) => line.trim() !== '')
      .slice(-this.lines);
  }
}
