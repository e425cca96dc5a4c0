import { DevContainerError } from './error';
import { parseBoolean } from './quantity';
import { flagAliases, shortFlags, switchFlags, valueFlags } from './run-flags';
import { emptyRunOptions } from './run-options';
import type { FlagContext, RunOptions } from './run-options';

/**
 * `runArgs`: flags of `docker run`, in every spelling that the docker client takes (`--memory=2g`, `--memory 2g`,
 * `-m 2g`, `-m2g`, `-it`). Throws DevContainerError('bad-run-argument') for what it does not know.
 */
export function parseRunArguments(words: readonly string[], context: FlagContext): RunOptions {
  const options = emptyRunOptions();
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.startsWith('--') && word !== '--') applyLong(options, word, rest, context);
    else if (/^-[^-]/.test(word)) applyShort(options, word, rest, context);
    else
      throw unknown(
        word,
        'It is neither a flag nor the value of one; write the flag and its value as two entries, or as "--flag=value".',
      );
  }
  return options;
}

function applyLong(options: RunOptions, word: string, rest: string[], context: FlagContext): void {
  const equals = word.indexOf('=');
  const written = equals === -1 ? word : word.slice(0, equals);
  const name = flagAliases[written.slice(2)] ?? written.slice(2);
  const value = equals === -1 ? undefined : word.slice(equals + 1);
  const asSwitch = own(switchFlags, name);
  if (asSwitch !== undefined) {
    asSwitch(options, value === undefined ? true : parseBoolean(value, written));
    return;
  }
  const withValue = own(valueFlags, name);
  if (withValue === undefined)
    throw unknown(written, 'It is not among the flags of "docker run" that Berth knows.');
  withValue(options, value ?? next(written, rest), written, context);
}

function applyShort(options: RunOptions, word: string, rest: string[], context: FlagContext): void {
  for (let letters = word.slice(1); letters !== ''; letters = letters.slice(1)) {
    const letter = letters.charAt(0);
    const name = own(shortFlags, letter);
    if (name === undefined)
      throw unknown(`-${letter}`, 'It is not among the flags of "docker run" that Berth knows.');
    const asSwitch = own(switchFlags, name);
    if (asSwitch === undefined) {
      const attached = letters.slice(1).replace(/^=/, '');
      own(valueFlags, name)?.(
        options,
        attached === '' ? next(`-${letter}`, rest) : attached,
        `-${letter}`,
        context,
      );
      return;
    }
    asSwitch(options, true);
  }
}

function next(flag: string, rest: string[]): string {
  const value = rest.shift();
  if (value === undefined) throw unknown(flag, 'Its value is missing.');
  return value;
}

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

function unknown(word: string, why: string): DevContainerError {
  return new DevContainerError(
    'bad-run-argument',
    `"${word}" in "runArgs" cannot be used`,
    why,
    'Remove or correct it in devcontainer.json and try again.',
  );
}
