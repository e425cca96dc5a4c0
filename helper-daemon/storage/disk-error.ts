/** Recognises a full disk, whichever way it is reported, and says it once. */
import { EngineError } from '../error';

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);
/** SQLITE_FULL, https://www.sqlite.org/rescode.html#full */
const sqliteFull = 13;

export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
  return (
    (typeof code === 'string' && fullCodes.has(code)) || errcode === sqliteFull || isDiskFull(error.cause)
  );
}

/**
 * @param what what could not be done, as in "failed to register layer"
 * @returns an EngineError 507 `disk-full` for a full disk, else the error itself
 */
export function explainDiskFull(error: unknown, what: string): unknown {
  if (error instanceof EngineError || !isDiskFull(error)) return error;
  return new EngineError(
    507,
    'disk-full',
    `${what}: no space left on device. The disk that holds Berth's data is full; nothing of this was kept. Free some space (berth image prune, berth rm), then try again.`,
    { cause: error },
  );
}
