/** The grammar of one flag: what it takes, and what a value of it becomes. */
export interface Flag<V> {
  /** One letter, for `-x`. */
  readonly short: string | undefined;
  /** The kind of value as the help shows it; absent for a toggle, which needs no value. */
  readonly placeholder: string | undefined;
  readonly help: string;
  readonly initial: V;
  /** Shown as the default by the help when there is one worth showing. */
  readonly shownDefault?: string;
  /** @throws Error whose message says why the text is no such value */
  accept(previous: V, text: string): V;
}

/** Flags by their long name. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** What a parsed command line holds: a value for every flag of the table. */
export type FlagValues<T extends FlagTable> = {
  readonly [Name in keyof T]: T[Name] extends Flag<infer V> ? V : never;
};

const truths = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

/** `--rm`, `--rm=false` */
export function toggle(help: string, short?: string, initial = false): Flag<boolean> {
  return {
    short,
    placeholder: undefined,
    help,
    initial,
    ...(initial ? { shownDefault: 'true' } : {}),
    accept: (_previous, text) => {
      const value = truths.get(text);
      if (value === undefined) throw new Error('not a truth value (true or false)');
      return value;
    },
  };
}

/** A toggle that may name how: `--editor`, `--editor=browser`, `--editor=false` */
export function toggleOr<const W extends string>(words: readonly W[], help: string): Flag<boolean | W> {
  const plain = toggle(help);
  return {
    ...plain,
    accept: (_previous, value) => {
      const word = words.find((each) => each === value);
      if (word !== undefined) return word;
      try {
        return plain.accept(false, value);
      } catch {
        // Neither: the message names what there is.
        throw new Error(`must be one of true, false, ${words.join(', ')}`);
      }
    },
  };
}

/** A value given at most once; the last one counts. */
export function text(placeholder: string, help: string, short?: string): Flag<string | undefined> {
  return parsed(placeholder, help, (value) => value, short);
}

/** As `text`, turned into a value; `parse` throws an Error with the reason. */
export function parsed<V>(
  placeholder: string,
  help: string,
  parse: (value: string) => V,
  short?: string,
): Flag<V | undefined> {
  return { short, placeholder, help, initial: undefined, accept: (_previous, value) => parse(value) };
}

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[], initial: W, help: string): Flag<W> {
  return {
    short: undefined,
    placeholder: 'string',
    help,
    initial,
    shownDefault: `"${initial}"`,
    accept: (_previous, value) => {
      const word = words.find((each) => each === value);
      if (word === undefined) throw new Error(`must be one of ${words.join(', ')}`);
      return word;
    },
  };
}

/** A value that may be given many times, each one parsed. */
export function each<V>(
  placeholder: string,
  help: string,
  parse: (value: string) => V,
  short?: string,
): Flag<readonly V[]> {
  return {
    short,
    placeholder,
    help,
    initial: [],
    accept: (previous, value) => [...previous, parse(value)],
  };
}

/** Texts that may be given many times. */
export function list(help: string, short?: string, placeholder = 'list'): Flag<readonly string[]> {
  return each(placeholder, help, (value) => value, short);
}

/** A whole number. */
export function integer(help: string, short?: string): Flag<number | undefined> {
  return parsed(
    'int',
    help,
    (value) => {
      if (!/^[+-]?\d+$/.test(value)) throw new Error('not a whole number');
      return Number(value);
    },
    short,
  );
}
