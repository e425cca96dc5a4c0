import type { Readable, Writable } from 'node:stream';
import type { EngineClient } from '../core/engine/client';
import type { FlagTable, FlagValues } from './command-line/flag';

/** What a command has of the world around it. */
export interface CommandContext {
  readonly client: EngineClient;
  readonly in: Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly out: Writable & { isTTY?: boolean; columns?: number; rows?: number };
  readonly err: Writable & { isTTY?: boolean; columns?: number };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** When this process began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Aborted by Ctrl-C and SIGTERM, unless the command has taken the signals over (`run`, `exec`, `attach`). */
  readonly signal: AbortSignal;
  /** From now on signals are the command's own business. */
  takeSignals(): void;
}

export interface Arguments<T extends FlagTable> {
  readonly flags: FlagValues<T>;
  readonly given: ReadonlySet<string>;
  readonly positional: readonly string[];
}

/** One verb, with its types forgotten: what the dispatcher sees. */
export interface Command {
  /** What follows `berth VERB` in the usage line. */
  readonly usage: string;
  /** More than the summary of the command table, when there is more to say. */
  readonly details: string | undefined;
  /** Other ways to say it, as the help lists them: `container run`. */
  readonly aliases: readonly string[];
  readonly flags: FlagTable;
  readonly count: ArgumentCount;
  /** Flags may follow arguments. */
  readonly interspersed: boolean;
  run(context: CommandContext, line: Arguments<FlagTable>): Promise<number>;
}

export interface ArgumentCount {
  readonly min: number;
  readonly max: number;
}

interface Definition<T extends FlagTable> {
  readonly usage: string;
  readonly details?: string;
  readonly aliases?: readonly string[];
  readonly flags: T;
  /** Default: no arguments. */
  readonly count?: Partial<ArgumentCount>;
  /** Default: yes. */
  readonly interspersed?: boolean;
  /** Resolves with the exit code. */
  run(context: CommandContext, line: Arguments<T>): Promise<number>;
}

/** Declares a verb; the types of its flags flow into `run`. */
export function command<const T extends FlagTable>(definition: Definition<T>): Command {
  const { usage, details, aliases, flags, count, interspersed } = definition;
  const min = count?.min ?? 0;
  return {
    usage,
    details,
    aliases: aliases ?? [],
    flags,
    count: { min, max: count?.max ?? (count === undefined ? 0 : Infinity) },
    interspersed: interspersed ?? true,
    // The dispatcher parses with `flags` of this very definition, so the values are those of T.
    run: (context, line) => definition.run(context, line as unknown as Arguments<T>),
  };
}
