import { commandTable, type TableEntry, type VerbEntry } from './command-table';
import type { Command, CommandContext } from './command';
import { parseLine } from './command-line/parse';
import { suggest } from './command-line/suggestion';
import { UsageError } from './command-line/usage-error';
import { commandHelp, usageHint } from './command-line/usage';
import { globalFlags } from './global-flags';
import { groupHelp, overview } from './overview';
import { explainFailure } from './failure';

/** Runs one command line; resolves with the exit code. Nothing is thrown. */
export async function dispatch(words: readonly string[]): Promise<number> {
  let path: string[] = [];
  try {
    const global = parseLine(globalFlags, words, false);
    const rest = [...global.positional];
    if (global.values.version) return await dispatch(['version', '--client']);
    if (rest.length === 0 || rest[0] === 'help') return await help(rest.slice(1));
    const found = find(rest);
    path = found.path;
    const { entry } = found;
    if (entry.kind === 'group') {
      if (found.unknown !== undefined) return unknown([...path, found.unknown], Object.keys(entry.verbs));
      parseLine({}, found.rest, false);
      process.stdout.write(groupHelp(path.join(' '), entry));
      return 0;
    }
    if (global.help) return await help(path);
    return await runVerb(path, entry, found.rest, global.values.host);
  } catch (error) {
    return fail(error, path, undefined);
  }
}

interface Found {
  readonly path: string[];
  readonly entry: TableEntry;
  readonly rest: readonly string[];
  /** A word under a group that names no verb of it. */
  readonly unknown?: string | undefined;
}

function find(words: readonly string[]): Found {
  const [first = '', ...rest] = words;
  const entry = Object.hasOwn(commandTable, first) ? commandTable[first] : undefined;
  if (entry === undefined) {
    return { path: [], entry: { kind: 'group', summary: '', verbs: commandTable }, rest, unknown: first };
  }
  const [second, ...afterSecond] = rest;
  if (entry.kind === 'verb' || second === undefined || second.startsWith('-'))
    return { path: [first], entry, rest };
  const verb = Object.hasOwn(entry.verbs, second) ? entry.verbs[second] : undefined;
  if (verb === undefined) return { path: [first], entry, rest: afterSecond, unknown: second };
  return { path: [first, second], entry: verb, rest: afterSecond };
}

async function runVerb(
  path: string[],
  entry: VerbEntry,
  words: readonly string[],
  host: string | undefined,
): Promise<number> {
  const command = await entry.load();
  let context: (CommandContext & Disposable) | undefined;
  try {
    const line = parseLine(command.flags, words, command.interspersed);
    if (line.help) {
      process.stdout.write(commandHelp(path.join(' '), entry.summary, command));
      return 0;
    }
    checkCount(path.join(' '), command, line.positional.length);
    const { openContext } = await import(/* webpackMode: "eager" */ './open-context');
    context = openContext(host);
    return await command.run(context, { flags: line.values, given: line.given, positional: line.positional });
  } catch (error) {
    return fail(error, path, command);
  } finally {
    context?.[Symbol.dispose]();
  }
}

function checkCount(path: string, command: Command, count: number): void {
  const { min, max } = command.count;
  if (count >= min && count <= max) return;
  const bound = min === max ? 'exactly' : count < min ? 'at least' : 'at most';
  const wanted = count < min ? min : max;
  const noun = wanted === 1 ? 'argument' : 'arguments';
  const needs = max === 0 ? 'accepts no arguments' : `requires ${bound} ${wanted} ${noun}`;
  throw new UsageError(`berth: 'berth ${path}' ${needs}`, 1);
}

function fail(error: unknown, path: readonly string[], command: Command | undefined): number {
  const name = path.join(' ');
  if (error instanceof UsageError) {
    const hint =
      command === undefined ? `\nRun 'berth --help' for more information\n` : usageHint(name, command);
    process.stderr.write(`${error.message}\n${hint}`);
    return error.exitCode;
  }
  const { text, exitCode } = explainFailure(error, name);
  if (text !== '') process.stderr.write(`${text}\n`);
  return exitCode;
}

async function help(words: readonly string[]): Promise<number> {
  if (words.length === 0) {
    process.stdout.write(overview());
    return 0;
  }
  const { path, entry, unknown: word } = find(words);
  if (entry.kind === 'group') {
    if (word !== undefined) return unknown([...path, word], Object.keys(entry.verbs));
    process.stdout.write(groupHelp(path.join(' '), entry));
  } else process.stdout.write(commandHelp(path.join(' '), entry.summary, await entry.load()));
  return 0;
}

function unknown(path: readonly string[], known: readonly string[]): number {
  const near = suggest(path.at(-1) ?? '', known);
  const group = path
    .slice(0, -1)
    .map((word) => ` ${word}`)
    .join('');
  const hint = near === undefined ? '' : `\nDid you mean 'berth${group} ${near}'?\n`;
  process.stderr.write(
    `berth: unknown command: berth ${path.join(' ')}\n${hint}\nRun 'berth${group} --help' for more information\n`,
  );
  return 1;
}
