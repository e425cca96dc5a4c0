import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { EngineRequestError, EngineUnavailableError } from '../error';
import type { Transport } from './transport';

const errorBody = z.object({ message: z.string(), code: z.string().optional() });
const longestErrorBody = 64 * 1024;

/** The error that a bad answer stands for. Reads (a bounded part of) its body. */
export async function errorOfAnswer(answer: IncomingMessage, transport: Transport): Promise<Error> {
  const status = answer.statusCode ?? 0;
  let text = '';
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      text += chunk.toString('utf8');
      if (text.length > longestErrorBody) break;
    }
  } catch (error) {
    return errorOfTransport(error instanceof Error ? error : new Error(String(error)), transport);
  }
  const { message, code } = parseBody(text, answer);
  if (status === 400 && message.startsWith('client version ') && message.includes('too new')) {
    return tooOld(transport, message);
  }
  if (answer.headers['api-version'] === undefined && answer.headers['ostype'] === undefined) {
    return new EngineUnavailableError(
      'not-an-engine',
      `What listens at ${transport.describe()} is not a Berth helper`,
      `It answered with HTTP status ${status}.`,
      'Correct BERTH_HOST or the setting “berth.host”.',
    );
  }
  return new EngineRequestError(status, code ?? `http-${status}`, plainReason(message));
}

/**
 * Why a container did not start, without the chain of programs that Docker's clients expect before it and that has no part
 * in this: `exec: "x": executable file not found in $PATH`.
 */
export const plainReason = (message: string): string =>
  message.replace(/^.*: unable to start container process: (.*?)(?:: unknown)?$/s, '$1');

function parseBody(text: string, answer: IncomingMessage): { message: string; code?: string | undefined } {
  try {
    const body = errorBody.safeParse(JSON.parse(text));
    if (body.success) return body.data;
  } catch {
    // Not JSON: the text itself is the message.
  }
  const line = text.trim().split('\n', 1)[0] ?? '';
  return {
    message:
      line === ''
        ? `the helper answered ${answer.statusCode ?? 0} ${answer.statusMessage ?? ''}`.trim()
        : line,
  };
}

export function tooOld(transport: Transport, why: string): EngineUnavailableError {
  return new EngineUnavailableError(
    'too-old',
    `The Berth helper at ${transport.describe()} is too old for this client`,
    why,
    'Update the helper: run “Berth: Install or Start the Helper” in the editor, or install the current package.',
  );
}

/** A failure of the connection itself; errors that already say what to do pass through. */
export function errorOfTransport(error: NodeJS.ErrnoException, transport: Transport): Error {
  if (error instanceof EngineUnavailableError || error.name === 'AbortError') return error;
  if (error.code?.startsWith('HPE_') === true) {
    return new EngineUnavailableError(
      'not-an-engine',
      `What listens at ${transport.describe()} is not a Berth helper`,
      'It does not speak HTTP.',
      'Correct BERTH_HOST or the setting “berth.host”.',
      { cause: error },
    );
  }
  return new EngineUnavailableError(
    'lost',
    `The connection to the helper at ${transport.describe()} was lost`,
    error.message,
    'Containers go on running. Try again in a moment; `berth doctor` tells more.',
    { cause: error },
  );
}

/** An answer that is not what the protocol promises: almost always two versions that do not fit. */
export function invalidAnswer(
  request: string,
  transport: Transport,
  why: string,
  cause: unknown,
): EngineUnavailableError {
  return new EngineUnavailableError(
    'too-old',
    `The helper at ${transport.describe()} gave an answer to ${request} that this client does not understand`,
    why,
    'Client and helper are probably of different versions: compare them with `berth version`.',
    { cause },
  );
}
