import { BerthError, EngineRequestError, EngineUnavailableError, isAbort } from '../core/error';

/** A command that has said what there is to say and ends with this code. */
export class ExitError extends Error {
  constructor(
    readonly exitCode: number,
    message = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ExitError';
  }
}

/** What the user reads, and the exit code, for anything that a command let through. */
export function explainFailure(error: unknown, verb: string): { text: string; exitCode: number } {
  if (error instanceof ExitError) return { text: error.message, exitCode: error.exitCode };
  if (isAbort(error)) return { text: '', exitCode: 130 };
  // `run` keeps 1 to 124 for the container's own codes, so that scripts can tell the two apart.
  const exitCode = verb === 'run' || verb === 'container run' ? 125 : 1;
  if (error instanceof EngineRequestError) return { text: `Error: ${error.message}`, exitCode };
  if (error instanceof EngineUnavailableError || error instanceof BerthError) {
    return { text: `berth: ${error.explain()}`, exitCode };
  }
  if (error instanceof Error && error.name === 'TemplateError') {
    return { text: `template parsing error: ${error.message}`, exitCode: 64 };
  }
  if (error instanceof Error) {
    const detail = process.env['BERTH_DEBUG'] === undefined ? error.message : (error.stack ?? error.message);
    return { text: `berth: ${detail}`, exitCode };
  }
  return { text: `berth: ${String(error)}`, exitCode };
}
