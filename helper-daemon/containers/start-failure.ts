/** Why a container did not start, in the words from which clients read the exit code (docker-engine-api.md, T6). */
import { EngineError } from '../error';
import { WardenError } from '../warden/warden-error';

export interface StartFailure {
  readonly error: EngineError;
  /** What `docker inspect` shows: 127 not found, 126 not executable, 128 otherwise. */
  readonly exitCode: number;
}

const prefix =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';
const execPrefix = 'OCI runtime exec failed: exec failed: unable to start container process: ';

/** The text after Docker's prefix, and the exit code, for the failures that are the user's own. */
function reason(error: unknown, command: string): { text: string; exitCode: number } | undefined {
  if (!(error instanceof WardenError)) return undefined;
  switch (error.code) {
    case 'exec-not-found': {
      const detail = command.includes('/')
        ? 'no such file or directory'
        : 'executable file not found in $PATH';
      const what = command.includes('/') ? `exec: "${command}": stat ${command}` : `exec: "${command}"`;
      return { text: `${what}: ${detail}: unknown`, exitCode: 127 };
    }
    case 'exec-not-permitted':
      return {
        text: `exec: "${command}": ${/directory/i.test(error.message) ? 'is a directory' : 'permission denied'}: unknown`,
        exitCode: 126,
      };
    case 'cwd-missing':
      return { text: `${error.message}: unknown`, exitCode: 127 };
    default:
      return undefined;
  }
}

export function startFailure(error: unknown, command: string): StartFailure {
  const known = reason(error, command);
  if (known !== undefined)
    return {
      error: new EngineError(400, 'start-failed', `${prefix}${known.text}`, { cause: error }),
      exitCode: known.exitCode,
    };
  if (error instanceof EngineError) return { error, exitCode: 128 };
  if (!(error instanceof WardenError)) throw error;
  const status = {
    'bind-denied': 403,
    'bind-forbidden': 403,
    'bind-missing': 400,
    'port-in-use': 500,
    'bad-request': 400,
    'user-unknown': 400,
  } as const;
  const code = Object.hasOwn(status, error.code) ? status[error.code as keyof typeof status] : 500;
  const text =
    error.code === 'port-in-use'
      ? `driver failed programming external connectivity: ${error.message}`
      : `failed to start the container: ${error.message}`;
  return { error: new EngineError(code, error.code, text, { cause: error }), exitCode: 128 };
}

/** For an exec: the text goes into its stream, since Docker has answered the request by then. */
export function execFailure(error: unknown, command: string): { text: string; exitCode: number } {
  const known = reason(error, command);
  if (known !== undefined) return { text: `${execPrefix}${known.text}`, exitCode: known.exitCode };
  if (error instanceof WardenError || error instanceof EngineError)
    return { text: `cannot run ${command}: ${error.message}`, exitCode: 126 };
  throw error;
}
