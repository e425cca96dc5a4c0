/** The one family of errors of everything that runs on the user's side (editor and command line). */
export class BerthError extends Error {
  /**
   * @param what what happened, a sentence without its full stop
   * @param why the reason, as far as it is known
   * @param next what the user can do about it
   */
  constructor(
    readonly what: string,
    readonly why: string | undefined,
    readonly next: string | undefined,
    options?: ErrorOptions,
  ) {
    super(what, options);
    this.name = 'BerthError';
  }

  /** All three parts, one to a line. */
  explain(): string {
    return [this.what, this.why, this.next].filter((part) => part !== undefined && part !== '').join('\n');
  }
}

/** The helper answered, and the answer was no. `message` is the helper's own wording. */
export class EngineRequestError extends BerthError {
  /**
   * @param status the HTTP status
   * @param code stable and kebab-case (`no-such-container`, `name-conflict`, …); `http-<status>` from an engine that sends none
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, undefined, undefined, options);
    this.name = 'EngineRequestError';
  }
}

export type UnavailableReason =
  'missing' | 'refused' | 'permission' | 'too-old' | 'not-an-engine' | 'bad-address' | 'lost';

/** The helper could not be reached, or is not one that this client can work with. */
export class EngineUnavailableError extends BerthError {
  constructor(
    readonly reason: UnavailableReason,
    what: string,
    why: string,
    next: string,
    options?: ErrorOptions,
  ) {
    super(what, why, next, options);
    this.name = 'EngineUnavailableError';
  }
}

/** Whether an error says that the caller's own AbortSignal ended the request. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

/** All that is known of anything that was thrown: what, and as far as it says so, why and what next. */
export function explained(error: unknown): string {
  return error instanceof BerthError ? error.explain() : messageOf(error);
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
