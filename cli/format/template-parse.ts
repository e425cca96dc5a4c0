/** A part of a Go template, as far as docker's users need the language: fields, functions, pipelines, if, range, with. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'range' | 'with';
      readonly pipeline: Pipeline;
      /** `{{range $key, $value := …}}` */
      readonly variables: readonly string[];
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: 'assign'; readonly variable: string; readonly pipeline: Pipeline };

export type Pipeline = readonly Call[];
/** The first operand is a function's name, or the only one. */
export type Call = readonly Operand[];
export type Operand =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: 'group'; readonly pipeline: Pipeline; readonly path: readonly string[] };

export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

type Token = { readonly text: string; readonly spaced: boolean };

const tokenPattern =
  /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|:=|[()|,]|\$\w*(?:\.\w+)*|(?:\.\w+)+|\.|-?\d+(?:\.\d+)?|\w+)/y;

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const end = source.trimEnd().length;
  while (at < end) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(source);
    if (match?.[1] === undefined)
      throw new TemplateError(`unexpected "${source.slice(at).trim()[0] ?? ''}" in {{${source}}}`);
    tokens.push({ text: match[1], spaced: match[0].length > match[1].length });
    at = tokenPattern.lastIndex;
  }
  return tokens;
}

class PipelineReader {
  constructor(
    private readonly tokens: readonly Token[],
    private readonly source: string,
    private at = 0,
  ) {}

  /** `$a, $b :=` in front, if it is there. */
  variables(): string[] {
    const assign = this.tokens.findIndex((token) => token.text === ':=');
    if (assign === -1) return [];
    const names = this.tokens.slice(0, assign).filter((token) => token.text !== ',');
    this.at = assign + 1;
    return names.map((token) => token.text);
  }

  whole(): Pipeline {
    const pipeline = this.#pipeline();
    if (this.at < this.tokens.length) this.#fail();
    return pipeline;
  }

  #pipeline(): Pipeline {
    const calls = [this.#call()];
    while (this.tokens[this.at]?.text === '|') {
      this.at++;
      calls.push(this.#call());
    }
    return calls;
  }

  #call(): Call {
    const operands: Operand[] = [];
    for (;;) {
      const token = this.tokens[this.at];
      if (token === undefined || token.text === '|' || token.text === ')') break;
      operands.push(this.#operand());
    }
    if (operands.length === 0) throw new TemplateError(`missing value for command in {{${this.source}}}`);
    return operands;
  }

  #operand(): Operand {
    const text = this.tokens[this.at++]?.text ?? '';
    if (text === '(') {
      const pipeline = this.#pipeline();
      if (this.tokens[this.at++]?.text !== ')') this.#fail();
      const next = this.tokens[this.at];
      const path = next?.text.startsWith('.') === true && !next.spaced ? next.text.slice(1).split('.') : [];
      if (path.length > 0) this.at++;
      return { kind: 'group', pipeline, path };
    }
    if (text.startsWith('"')) return { kind: 'literal', value: JSON.parse(text) as string };
    if (text.startsWith('`')) return { kind: 'literal', value: text.slice(1, -1) };
    if (/^-?\d/.test(text)) return { kind: 'literal', value: Number(text) };
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
    if (text === 'nil') return { kind: 'literal', value: null };
    if (text === '.') return { kind: 'field', path: [] };
    if (text.startsWith('.')) return { kind: 'field', path: text.slice(1).split('.') };
    if (text.startsWith('$')) {
      const [name = '$', ...path] = text.split('.');
      return { kind: 'variable', name, path };
    }
    if (/^\w+$/.test(text)) return { kind: 'name', name: text };
    return this.#fail();
  }

  #fail(): never {
    throw new TemplateError(`cannot read {{${this.source}}}`);
  }
}

interface Open {
  readonly kind: 'if' | 'range' | 'with';
  readonly pipeline: Pipeline;
  readonly variables: readonly string[];
  readonly outer: Node[];
  readonly body: Node[];
  otherwise: Node[] | undefined;
  /** `else if` opened it, and the same `end` closes it. */
  readonly chained: boolean;
}

/** @throws TemplateError */
export function parseTemplate(template: string): readonly Node[] {
  const root: Node[] = [];
  const open: Open[] = [];
  let into = root;
  const push = (kind: Open['kind'], source: string, chained: boolean) => {
    const reader = new PipelineReader(tokenize(source), source);
    const variables = reader.variables();
    const frame: Open = {
      kind,
      pipeline: reader.whole(),
      variables,
      outer: into,
      body: [],
      otherwise: undefined,
      chained,
    };
    open.push(frame);
    into = frame.body;
  };
  const close = () => {
    const frame = open.pop();
    if (frame === undefined) throw new TemplateError('unexpected {{end}}');
    const { kind, pipeline, variables, body, otherwise, outer, chained } = frame;
    outer.push({ kind, pipeline, variables, body, otherwise: otherwise ?? [] });
    into = outer;
    if (chained) close();
  };

  let at = 0;
  for (const match of template.matchAll(
    /\{\{(-\s)?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`}]|\}(?!\}))*?)(\s-)?\}\}/g,
  )) {
    let before = template.slice(at, match.index);
    if (at > 0 && trimsAfter(template.slice(0, at))) before = before.trimStart();
    if (match[1] !== undefined) before = before.trimEnd();
    if (before !== '') into.push({ kind: 'text', text: before });
    at = match.index + match[0].length;
    const action = (match[2] ?? '').trim();
    const [, word = '', rest = ''] = /^(if|range|with|else if|else|end)(?:\s+(.*))?$/s.exec(action) ?? [];
    if (action.startsWith('/*')) continue;
    if (word === 'if' || word === 'range' || word === 'with') push(word, rest, false);
    else if (word === 'else' || word === 'else if') {
      const frame = open.at(-1);
      if (frame === undefined || frame.otherwise !== undefined)
        throw new TemplateError('unexpected {{else}}');
      into = frame.otherwise = [];
      if (word === 'else if') push('if', rest, true);
    } else if (word === 'end') close();
    else {
      const reader = new PipelineReader(tokenize(action), action);
      const [variable] = reader.variables();
      const pipeline = reader.whole();
      into.push(
        variable === undefined ? { kind: 'output', pipeline } : { kind: 'assign', variable, pipeline },
      );
    }
  }
  let last = template.slice(at);
  if (at > 0 && trimsAfter(template.slice(0, at))) last = last.trimStart();
  if (last.includes('{{')) throw new TemplateError('an action is not closed with }}');
  if (open.length > 0) throw new TemplateError(`{{${open.at(-1)?.kind ?? ''}}} is not closed with {{end}}`);
  if (last !== '') into.push({ kind: 'text', text: last });
  return root;
}

const trimsAfter = (text: string) => /\s-\}\}$/.test(text);
