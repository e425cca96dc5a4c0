import type { Flag, FlagTable, FlagValues } from './flag';
import { suggest } from './suggestion';
import { UsageError } from './usage-error';

export interface ParsedLine<T extends FlagTable> {
  readonly values: FlagValues<T>;
  /** Flags that the user gave, by long name. */
  readonly given: ReadonlySet<string>;
  readonly positional: readonly string[];
  /** `--help` was among the flags; nothing else matters then. */
  readonly help: boolean;
}

type AnyFlag = Flag<unknown>;

/**
 * Docker's grammar: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, `-it`, `--` ends the flags.
 * @param interspersed whether flags may follow positional arguments; `run` and `exec` stop at the first one, the rest is the command's
 * @throws UsageError (125)
 */
export function parseLine<T extends FlagTable>(
  table: T,
  words: readonly string[],
  interspersed: boolean,
): ParsedLine<T> {
  const flags: FlagTable = table;
  const shorts = new Map<string, string>();
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    values[name] = flag.initial;
    if (flag.short !== undefined) shorts.set(flag.short, name);
  }
  const given = new Set<string>();
  const positional: string[] = [];
  let help = false;

  const set = (name: string, flag: AnyFlag, value: string) => {
    try {
      values[name] = flag.accept(values[name], value);
    } catch (error) {
      const shown = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`invalid argument "${value}" for "${shown}" flag: ${reason}`, 125);
    }
    given.add(name);
  };

  const rest = [...words];
  let word: string | undefined;
  while ((word = rest.shift()) !== undefined) {
    if (word === '--') {
      positional.push(...rest);
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      positional.push(word);
      if (interspersed) continue;
      positional.push(...rest);
      break;
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
      const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
      if (flag === undefined && name === 'help') {
        help = true;
        continue;
      }
      if (flag === undefined) throw unknownFlag(name, Object.keys(flags));
      if (equals !== -1) set(name, flag, word.slice(equals + 1));
      else if (flag.placeholder === undefined) set(name, flag, 'true');
      else {
        const value = rest.shift();
        if (value === undefined) throw new UsageError(`flag needs an argument: --${name}`, 125);
        set(name, flag, value);
      }
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] ?? '';
      const name = shorts.get(letter);
      const flag = name === undefined ? undefined : flags[name];
      if (name === undefined || flag === undefined) {
        if (letter === 'h') {
          help = true;
          continue;
        }
        throw new UsageError(`unknown shorthand flag: '${letter}' in ${word}`, 125);
      }
      const tail = word.slice(at + 1);
      if (tail.startsWith('=')) {
        set(name, flag, tail.slice(1));
        break;
      }
      if (flag.placeholder === undefined) {
        set(name, flag, 'true');
        continue;
      }
      const value = tail === '' ? rest.shift() : tail;
      if (value === undefined) throw new UsageError(`flag needs an argument: '${letter}' in ${word}`, 125);
      set(name, flag, value);
      break;
    }
  }
  return { values: values as FlagValues<T>, given, positional, help };
}

function unknownFlag(name: string, known: readonly string[]): UsageError {
  const near = suggest(name, known);
  return new UsageError(
    `unknown flag: --${name}${near === undefined ? '' : ` (did you mean --${near}?)`}`,
    125,
  );
}
