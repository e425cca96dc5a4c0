/** Finds the keys that leave a terminal without ending its process (ctrl-p ctrl-q, or as the client says). */
import { EngineError } from '../error';

const usual = 'ctrl-p,ctrl-q';

function keyCode(key: string): number {
  const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
  if (/^[\x21-\x7e]$/.test(key)) return key.charCodeAt(0);
  throw new EngineError(
    400,
    'bad-detach-keys',
    `Invalid detach keys (${key}): use letters, or ctrl- with one of a-z @ [ \\ ] ^ _`,
  );
}

export class DetachKeys {
  private readonly sequence: readonly number[];
  private matched = 0;

  /** @param keys comma-separated; undefined or empty = Docker's usual ones @throws EngineError 400 */
  constructor(keys: string | undefined) {
    this.sequence = (keys === undefined || keys === '' ? usual : keys).split(',').map(keyCode);
  }

  /** The bytes that are input; those that began the sequence come later if it is not finished. */
  scan(chunk: Buffer): { pass: Buffer; detached: boolean } {
    const pass: number[] = [];
    for (const byte of chunk) {
      if (byte === this.sequence[this.matched]) {
        this.matched += 1;
        if (this.matched === this.sequence.length) return { pass: Buffer.from(pass), detached: true };
        continue;
      }
      pass.push(...this.sequence.slice(0, this.matched));
      this.matched = byte === this.sequence[0] ? 1 : 0;
      if (this.matched === 0) pass.push(byte);
    }
    return { pass: Buffer.from(pass), detached: false };
  }
}
