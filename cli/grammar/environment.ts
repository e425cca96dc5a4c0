import { readFileSync } from 'node:fs';

/** `NAME=value` as it is; `NAME` alone takes the value of the caller's environment, and is left out when it has none. */
export function resolveVariable(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const name = text.split('=', 1)[0] ?? '';
  if (name === '') throw new Error(`invalid environment variable: ${text}`);
  if (text.includes('=')) return text;
  const value = environment[name];
  return value === undefined ? undefined : `${name}=${value}`;
}

/**
 * Lines of an `--env-file`: comments and empty lines are left out, nothing is quoted or expanded (docker's rules).
 * @throws Error naming the file for one that cannot be read, or has a name with a space in it
 */
export function readVariableFile(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const lines = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const text = line.trimStart();
    if (text === '' || text.startsWith('#')) return [];
    const name = text.split('=', 1)[0] ?? '';
    if (/\s/.test(name)) {
      throw new Error(`${path}, line ${index + 1}: variable '${name}' contains whitespaces`);
    }
    const variable = resolveVariable(text, environment);
    return variable === undefined ? [] : [variable];
  });
}

/** All variables in the order of their weight: files first, `-e` after them; a later one of the same name wins. */
export function collectVariables(
  files: readonly string[],
  single: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const byName = new Map<string, string>();
  const all = [
    ...files.flatMap((file) => readVariableFile(file, environment)),
    ...single.flatMap((text) => resolveVariable(text, environment) ?? []),
  ];
  for (const variable of all) byName.set(variable.split('=', 1)[0] ?? '', variable);
  return [...byName.values()];
}

/** `key=value` pairs of labels, options, sysctls; a key alone has the value "". */
export function toMap(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
