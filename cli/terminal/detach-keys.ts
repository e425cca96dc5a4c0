/**
 * The bytes of docker's notation: `ctrl-p,ctrl-q`, `ctrl-@`, `a`; letters stand for themselves.
 * @throws Error for a key that has no byte
 */
export function parseDetachKeys(text: string): Buffer {
  return Buffer.from(
    text.split(',').map((key) => {
      const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
      if (control !== undefined) return control.toLowerCase().charCodeAt(0) & 0x1f;
      if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
      throw new Error(`Unknown character: '${key}'`);
    }),
  );
}

/** Looks for the key sequence in what is typed. The beginning of one is held back until it is known not to go on. */
export class DetachScanner {
  #matched = 0;

  constructor(private readonly keys: Buffer) {}

  /** What to send on, and whether the sequence is complete (then the rest of the input is dropped). */
  scan(input: Buffer): { readonly pass: Buffer; readonly detached: boolean } {
    if (this.keys.length === 0) return { pass: input, detached: false };
    const pass: number[] = [];
    for (const byte of input) {
      if (byte === this.keys[this.#matched]) {
        this.#matched++;
        if (this.#matched === this.keys.length) return { pass: Buffer.from(pass), detached: true };
        continue;
      }
      pass.push(...this.keys.subarray(0, this.#matched));
      this.#matched = 0;
      if (byte === this.keys[0]) this.#matched = 1;
      else pass.push(byte);
    }
    return { pass: Buffer.from(pass), detached: false };
  }
}
