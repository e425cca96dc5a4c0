/** An error that the warden or a monitor answered with. */
import type { Reader } from './codec';

export class WardenError extends Error {
  /**
   * @param code an errno's name or one of PROTOCOL.md's codes
   * @param errno the positive number, 0 when there is none
   */
  constructor(
    readonly code: string,
    message: string,
    readonly errno: number,
  ) {
    super(message);
    this.name = 'WardenError';
  }
}

/** Reads `{str code, str message, i32 errno}`. */
export function readError(reader: Reader): WardenError {
  const code = reader.str();
  const message = reader.str();
  return new WardenError(code, message, reader.i32());
}

export function hasCode(error: unknown, ...codes: readonly string[]): error is WardenError {
  return error instanceof WardenError && codes.includes(error.code);
}
