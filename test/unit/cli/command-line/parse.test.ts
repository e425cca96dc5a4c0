import { describe, expect, it } from 'vitest';
import { integer, list, text, toggle, toggleOr } from '../../../../cli/command-line/flag';
import { parseLine } from '../../../../cli/command-line/parse';
import { UsageError } from '../../../../cli/command-line/usage-error';

const table = {
  detach: toggle('', 'd'),
  env: list('', 'e'),
  interactive: toggle('', 'i'),
  name: text('string', ''),
  publish: list('', 'p'),
  tail: integer('', 'n'),
  tty: toggle('', 't'),
  'sig-proxy': toggle('', undefined, true),
};
const parse = (line: string, interspersed = false) => parseLine(table, line.split(' '), interspersed);
const failure = (line: string) => {
  try {
    parse(line);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error as UsageError;
  }
  throw new Error(`"${line}" was taken`);
};

describe('a command line in docker’s grammar', () => {
  it('takes values in every spelling', () => {
    for (const line of ['--name x img', '--name=x img']) expect(parse(line).values.name).toBe('x');
    for (const line of ['-n 5 img', '-n5 img', '-n=5 img', '--tail 5 img', '--tail=5 img']) {
      expect(parse(line).values.tail).toBe(5);
    }
  });

  it('has toggles that may name how, and never take the next word', () => {
    const own = { editor: toggleOr(['browser'], '') };
    const editorOf = (line: string) => parseLine(own, line.split(' '), true);
    expect(editorOf('x').values.editor).toBe(false);
    expect(editorOf('--editor browser')).toMatchObject({ values: { editor: true }, positional: ['browser'] });
    expect(editorOf('--editor=browser').values.editor).toBe('browser');
    expect(editorOf('--editor=false').values.editor).toBe(false);
    expect(() => editorOf('--editor=emacs')).toThrow('must be one of true, false, browser');
  });

  it('bundles toggles, the last one may take a value', () => {
    const { values, positional } = parse('-dite A=1 img');
    expect(values).toMatchObject({ detach: true, interactive: true, tty: true, env: ['A=1'] });
    expect(positional).toEqual(['img']);
  });

  it('leaves flags after the image to the command', () => {
    const { values, positional } = parse('-it img ls -e --name y');
    expect(positional).toEqual(['img', 'ls', '-e', '--name', 'y']);
    expect(values).toMatchObject({ env: [], name: undefined });
  });

  it('finds flags after arguments where that is the verb’s habit', () => {
    const { values, positional } = parse('web --tail 3 -- -x', true);
    expect(values.tail).toBe(3);
    expect(positional).toEqual(['web', '-x']);
  });

  it('gathers lists, and turns toggles off', () => {
    const { values, given } = parse('-e A=1 -e B --sig-proxy=false --detach=0 img');
    expect(values).toMatchObject({ env: ['A=1', 'B'], 'sig-proxy': false, detach: false });
    expect([...given].sort()).toEqual(['detach', 'env', 'sig-proxy']);
  });

  it('takes a lone dash as an argument, and negative numbers as values', () => {
    expect(parse('-').positional).toEqual(['-']);
    expect(parse('--tail -1 img').values.tail).toBe(-1);
  });

  it('refuses what it does not know, with docker’s words and code, and what was probably meant', () => {
    expect(failure('--detahc img')).toMatchObject({
      message: 'unknown flag: --detahc (did you mean --detach?)',
      exitCode: 125,
    });
    expect(failure('-iz img').message).toBe("unknown shorthand flag: 'z' in -iz");
    expect(failure('--name').message).toBe('flag needs an argument: --name');
    expect(failure('-ie').message).toBe("flag needs an argument: 'e' in -ie");
    expect(failure('-n x img').message).toBe(
      'invalid argument "x" for "-n, --tail" flag: not a whole number',
    );
    expect(failure('--tty=maybe img').message).toContain('invalid argument "maybe" for "-t, --tty" flag');
    expect(failure('--constructor img').message).toContain('unknown flag: --constructor');
  });

  it('notices a cry for help', () => {
    expect(parse('--help').help).toBe(true);
    expect(parse('-h').help).toBe(true);
    expect(parse('img --help').help).toBe(false);
  });
});
