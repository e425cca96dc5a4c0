import type { ServerResponse } from 'node:http';
import { EngineError } from '../error';
import type { Log } from '../log';
import { newestApi } from './api-version';

/** The headers that every response carries, upgraded ones too. */
export function commonHeaders(engineVersion: string): Record<string, string> {
  return {
    'Api-Version': `1.${newestApi}`,
    'Docker-Experimental': 'false',
    Ostype: 'linux',
    // The Go client takes the format of stats from the parentheses.
    Server: `Docker/${engineVersion} (linux)`,
  };
}

/** Exactly this type: with a charset after it the docker CLI shows the raw JSON of errors. */
export const jsonType = 'application/json';

/** The one place where JSON answers are written. */
export function writeJson(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, { 'Content-Type': jsonType, 'Content-Length': text.length });
  response.end(text);
}

/**
 * What an error looks like to the client: status and message. Faults of ours are logged with what caused them: anything but
 * an EngineError, and those of status 500 and 507.
 */
export function toFailure(error: unknown, log: Log): { status: number; message: string } {
  if (error instanceof EngineError) {
    if (error.status === 500 || error.status === 507) {
      log.error('request failed', {
        code: error.code,
        error: error.message,
        cause: describeCause(error.cause),
      });
    }
    return { status: error.status, message: error.message };
  }
  const stack = error instanceof Error ? error.stack : String(error);
  log.error('unexpected failure', { stack });
  return { status: 500, message: error instanceof Error ? error.message : String(error) };
}

/** Answers with an error; when the answer has begun, the connection is cut, so that the client sees it is incomplete. */
export function writeError(response: ServerResponse, error: unknown, log: Log): void {
  const failure = toFailure(error, log);
  if (response.headersSent) response.destroy();
  else writeJson(response, failure.status, { message: failure.message });
}

function describeCause(cause: unknown): string | undefined {
  if (cause === undefined) return undefined;
  return cause instanceof Error ? (cause.stack ?? cause.message) : JSON.stringify(cause);
}
