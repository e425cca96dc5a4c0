import { createHash } from 'node:crypto';
import { basename, posix } from 'node:path';
import { DevContainerError } from './error';

/** What `${…}` may stand for. A variable whose context is missing is left as it is, for a later pass. */
export interface VariableContext {
  readonly localEnv?: Readonly<Record<string, string | undefined>>;
  readonly localWorkspaceFolder?: string;
  readonly containerWorkspaceFolder?: string;
  readonly containerEnv?: Readonly<Record<string, string | undefined>>;
  readonly devcontainerId?: string;
}

/**
 * Replaces variables in every string of a value; keys of objects and unknown variables stay as they are.
 * A default is everything after the second colon (`${localEnv:URL:http://a:80}`); the reference CLI cuts it at the next colon.
 */
export function substitute<T>(value: T, context: VariableContext): T {
  return walk(value, context) as T;
}

function walk(value: unknown, context: VariableContext): unknown {
  if (typeof value === 'string') {
    return value.replace(
      /\$\{(.*?)\}/g,
      (whole, expression: string) => resolve(expression, context) ?? whole,
    );
  }
  if (Array.isArray(value)) return value.map((item) => walk(item, context));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, context)]));
  }
  return value;
}

function resolve(expression: string, context: VariableContext): string | undefined {
  const [variable, name, ...rest] = expression.split(':');
  switch (variable) {
    case 'env':
    case 'localEnv':
      return environment(expression, context.localEnv, name, rest);
    case 'containerEnv':
      return environment(expression, context.containerEnv, name, rest);
    case 'localWorkspaceFolder':
      return context.localWorkspaceFolder;
    case 'localWorkspaceFolderBasename':
      return context.localWorkspaceFolder === undefined ? undefined : basename(context.localWorkspaceFolder);
    case 'containerWorkspaceFolder':
      return context.containerWorkspaceFolder;
    case 'containerWorkspaceFolderBasename':
      return context.containerWorkspaceFolder === undefined
        ? undefined
        : posix.basename(context.containerWorkspaceFolder);
    case 'devcontainerId':
      return context.devcontainerId;
    default:
      return undefined;
  }
}

function environment(
  expression: string,
  from: Readonly<Record<string, string | undefined>> | undefined,
  name: string | undefined,
  rest: readonly string[],
): string | undefined {
  if (from === undefined) return undefined;
  if (name === undefined || name === '') {
    throw new DevContainerError(
      'bad-variable',
      `\${${expression}} in the configuration names no environment variable`,
      'The name comes after the colon.',
      `Write \${${expression.split(':')[0] ?? expression}:NAME} or \${${expression.split(':')[0] ?? expression}:NAME:default}.`,
    );
  }
  return from[name] ?? rest.join(':');
}

/** `${devcontainerId}`: the same for every tool that knows the container by the same labels. 52 characters of base 32. */
export function devcontainerId(idLabels: Readonly<Record<string, string>>): string {
  const text = JSON.stringify(idLabels, Object.keys(idLabels).sort());
  const digest = createHash('sha256').update(text, 'utf8').digest('hex');
  return BigInt(`0x${digest}`).toString(32).padStart(52, '0');
}
