import { readFile } from 'node:fs/promises';
import { findNodeAtLocation, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import type { z } from 'zod';
import { Configuration } from './configuration';
import { DevContainerError } from './error';

/** Reads a devcontainer.json: JSON with comments and trailing commas. Throws DevContainerError with line and column; the file is never written. */
export async function readConfiguration(path: string): Promise<Configuration> {
  return parseConfiguration(await readFile(path, 'utf8'), path);
}

export function parseConfiguration(text: string, path: string): Configuration {
  const options = { allowTrailingComma: true, disallowComments: false };
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, options);
  const first = errors[0];
  if (first !== undefined) {
    throw new DevContainerError(
      'bad-syntax',
      `${path}:${position(text, first.offset)} is not valid JSON`,
      `${sentences[printParseErrorCode(first.error)] ?? printParseErrorCode(first.error)}, in: ${lineAt(text, first.offset)}`,
      'Correct it and try again; nothing was changed.',
    );
  }
  const result = Configuration.safeParse(value);
  if (!result.success) throw badProperty(text, path, parseTree(text, [], options), result.error);
  const configuration = moveLegacyCustomizations(result.data);
  return configuration;
}

const sentences: Record<string, string> = {
  InvalidSymbol: 'A word that is not true, false, null, a number or a quoted string',
  InvalidNumberFormat: 'A number is not written as JSON numbers are',
  PropertyNameExpected: 'A property name in double quotes is expected',
  ValueExpected: 'A value is expected',
  ColonExpected: 'A colon is expected',
  CommaExpected: 'A comma is expected',
  CloseBraceExpected: 'A closing brace } is missing',
  CloseBracketExpected: 'A closing bracket ] is missing',
  EndOfFileExpected: 'There is more text after the end of the object',
  UnexpectedEndOfString: 'A string is not closed',
  UnexpectedEndOfComment: 'A comment is not closed',
};

function badProperty(
  text: string,
  path: string,
  tree: Node | undefined,
  error: z.ZodError,
): DevContainerError {
  const issue = error.issues[0];
  const property = (issue?.path ?? []).filter((part) => typeof part !== 'symbol');
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, property);
  const name = property.join('.') || 'the file';
  return new DevContainerError(
    'bad-property',
    `${path}:${position(text, node?.offset ?? 0)}: ${name} has the wrong form`,
    issue?.message ?? error.message,
    'Correct it and try again; nothing was changed.',
  );
}

/** `line:column`, both from 1. */
function position(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function lineAt(text: string, offset: number): string {
  const line = text.split('\n')[text.slice(0, offset).split('\n').length - 1] ?? '';
  return line.trim() === '' ? 'an empty line' : line.trim();
}

/** Top-level `extensions`, `settings` and `devPort` of old files belong to `customizations.vscode`; what is there already wins. */
function moveLegacyCustomizations(configuration: Configuration): Configuration {
  const { extensions, settings, devPort, ...rest } = configuration;
  if (extensions === undefined && settings === undefined && devPort === undefined) return configuration;
  const vscode = record(rest.customizations?.['vscode']);
  const moved: Record<string, unknown> = { ...vscode };
  if (extensions !== undefined)
    moved['extensions'] = [...new Set([...list(vscode['extensions']), ...list(extensions)])];
  if (settings !== undefined) moved['settings'] = { ...record(settings), ...record(vscode['settings']) };
  if (devPort !== undefined && vscode['devPort'] === undefined) moved['devPort'] = devPort;
  return { ...rest, customizations: { ...rest.customizations, vscode: moved } };
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
