import {
  parseTemplate,
  TemplateError,
  type Call,
  type Node,
  type Operand,
  type Pipeline,
} from './template-parse';
import { callFunction, goText, isTrue } from './template-functions';

/** A compiled template: give it a value, get the text. */
export type Template = (value: unknown) => string;

interface Scope {
  readonly dot: unknown;
  readonly variables: ReadonlyMap<string, { value: unknown }>;
}

/**
 * Compiles a Go template in the dialect of `docker --format`. `\t` and `\n` written in the shell's single quotes become tab and newline.
 * @throws TemplateError now for bad syntax, or at use for a field or function that does not exist
 */
export function compileTemplate(source: string): Template {
  const nodes = parseTemplate(source.replaceAll('\\t', '\t').replaceAll('\\n', '\n'));
  return (value) => render(nodes, { dot: value, variables: new Map([['$', { value }]]) });
}

function render(nodes: readonly Node[], scope: Scope): string {
  let text = '';
  let here = scope;
  for (const node of nodes) {
    switch (node.kind) {
      case 'text':
        text += node.text;
        break;
      case 'output':
        text += goText(evaluate(node.pipeline, here));
        break;
      case 'assign': {
        const value = evaluate(node.pipeline, here);
        here = { dot: here.dot, variables: new Map([...here.variables, [node.variable, { value }]]) };
        break;
      }
      case 'if':
        text += render(isTrue(evaluate(node.pipeline, here)) ? node.body : node.otherwise, here);
        break;
      case 'with': {
        const value = evaluate(node.pipeline, here);
        text += isTrue(value)
          ? render(node.body, inner(here, value, node.variables, [value]))
          : render(node.otherwise, here);
        break;
      }
      case 'range':
        text += renderRange(node, here);
        break;
    }
  }
  return text;
}

function renderRange(node: Node & { kind: 'if' | 'range' | 'with' }, scope: Scope): string {
  const value = evaluate(node.pipeline, scope);
  const entries: (readonly [unknown, unknown])[] = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item] as const)
    : typeof value === 'object' && value !== null
      ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
      : [];
  if (entries.length === 0) return render(node.otherwise, scope);
  return entries
    .map(([key, item]) =>
      render(node.body, inner(scope, item, node.variables, node.variables.length > 1 ? [key, item] : [item])),
    )
    .join('');
}

function inner(scope: Scope, dot: unknown, names: readonly string[], values: readonly unknown[]): Scope {
  const added = names.map((name, index) => [name, { value: values[index] }] as const);
  return { dot, variables: new Map([...scope.variables, ...added]) };
}

function evaluate(pipeline: Pipeline, scope: Scope): unknown {
  let value: unknown;
  let first = true;
  for (const call of pipeline) {
    value = evaluateCall(call, scope, first ? [] : [value]);
    first = false;
  }
  return value;
}

function evaluateCall(call: Call, scope: Scope, piped: readonly unknown[]): unknown {
  const [head, ...rest] = call;
  if (head === undefined) throw new TemplateError('an empty command');
  if (head.kind === 'name') {
    const lazy = [
      ...rest.map((operand) => () => operandValue(operand, scope)),
      ...piped.map((value) => () => value),
    ];
    return callFunction(head.name, lazy);
  }
  if (rest.length > 0 || piped.length > 0) throw new TemplateError("can't give argument to non-function");
  return operandValue(head, scope);
}

function operandValue(operand: Operand, scope: Scope): unknown {
  switch (operand.kind) {
    case 'literal':
      return operand.value;
    case 'name':
      return callFunction(operand.name, []);
    case 'field':
      return follow(scope.dot, operand.path);
    case 'variable': {
      const variable = scope.variables.get(operand.name);
      if (variable === undefined) throw new TemplateError(`undefined variable "${operand.name}"`);
      return follow(variable.value, operand.path);
    }
    case 'group':
      return follow(evaluate(operand.pipeline, scope), operand.path);
  }
}

function follow(start: unknown, path: readonly string[]): unknown {
  let value = start;
  for (const key of path) {
    if (value === null || value === undefined) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) {
      throw new TemplateError(
        `can't evaluate field ${key} in ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}`,
      );
    }
    const record = value as Readonly<Record<string, unknown>>;
    if (!Object.hasOwn(record, key)) refuseUnknown(record, key);
    value = record[key];
  }
  return value;
}

/** Rows of lists have a fixed set of fields: there a name that is unknown is a mistake, elsewhere simply nothing. */
function refuseUnknown(record: Readonly<Record<string, unknown>>, key: string): void {
  if (fixedRows.has(record)) {
    throw new TemplateError(`can't evaluate field ${key}; known are ${Object.keys(record).join(', ')}`);
  }
}

const fixedRows = new WeakSet<object>();

/** Marks a row whose field names are fixed. */
export function fixedRow<T extends object>(row: T): T {
  fixedRows.add(row);
  return row;
}
