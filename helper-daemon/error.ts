/** The daemon's one family of errors. Each is worded once, carries its HTTP status, and a stable code for clients that branch. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 409 | 500 | 501 | 503 | 507;

export class EngineError extends Error {
  /**
   * @param status the HTTP status the API answers with
   * @param code stable, kebab-case: `no-such-container`, `name-conflict`, `policy-privileged` …
   * @param message Docker's wording where a client matches on it (docker-engine-api.md, T6 and T11), else what, why and what next
   */
  constructor(
    readonly status: ErrorStatus,
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EngineError';
  }
}
