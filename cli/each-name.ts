import { isAbort } from '../core/error';
import type { CommandContext } from './command';
import { explainFailure } from './failure';

/**
 * Does the same to several objects: prints what each one gives (nothing if undefined), tells failures on stderr, goes on after them.
 * Resolves with the exit code: 1 when any failed.
 */
export async function forEachName(
  context: CommandContext,
  names: readonly string[],
  action: (name: string) => Promise<string | undefined>,
): Promise<number> {
  let code = 0;
  for (const name of names) {
    try {
      const line = await action(name);
      if (line !== undefined) context.out.write(`${line}\n`);
    } catch (error) {
      if (isAbort(error)) throw error;
      context.err.write(`${explainFailure(error, '').text}\n`);
      code = 1;
    }
  }
  return code;
}
