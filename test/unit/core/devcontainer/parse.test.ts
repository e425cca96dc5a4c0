import { describe, expect, it } from 'vitest';
import { DevContainerError } from '../../../../core/devcontainer/error';
import { parseConfiguration } from '../../../../core/devcontainer/parse';

const parse = (text: string) => parseConfiguration(text, '/p/.devcontainer/devcontainer.json');

function failure(text: string): DevContainerError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof DevContainerError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('parseConfiguration', () => {
  it('takes comments, trailing commas and properties it does not know', () => {
    const configuration = parse(`// top
    {
      /* block */ "image": "debian:12", // line
      "forwardPorts": [3000, "db:5432",],
      "remoteEnv": { "A": null, "B": "\${containerEnv:B}", },
      "x-mine": { "deep": [1] },
    }`);
    expect(configuration).toEqual({
      image: 'debian:12',
      forwardPorts: [3000, 'db:5432'],
      remoteEnv: { A: null, B: '${containerEnv:B}' },
      'x-mine': { deep: [1] },
    });
  });

  it.each([
    ['{\n  "image": "x"\n  "name": "y"\n}', '3:3', /comma/],
    ['{\n  "image": \n}', '3:1', /value/],
    ['{\n  "image": "x",\n  name: "y"\n}', '3:3', /true, false, null|property name/i],
    ['{\n  "image": "x', '2:12', /string is not closed/],
    ['{ "image": "x"', '1:15', /brace/],
    ['', '1:1', /value/],
  ])('says where %j is broken', (text, where, why) => {
    const error = failure(text);
    expect(error.problem).toBe('bad-syntax');
    expect(error.what).toContain(`devcontainer.json:${where}`);
    expect(error.why).toMatch(why);
  });

  it.each([
    ['{\n  "image": "x",\n  "mounts": "no"\n}', '3:13', 'mounts'],
    ['{\n  "forwardPorts": [1,\n   70000]\n}', '3:4', 'forwardPorts.1'],
    ['{ "postCreateCommand": { "a": 1 } }', '1:24', 'postCreateCommand'],
    ['{ "waitFor": "never" }', '1:14', 'waitFor'],
    ['[]', '1:1', 'the file'],
  ])('says which property of %j is of the wrong form', (text, where, property) => {
    const error = failure(text);
    expect(error.problem).toBe('bad-property');
    expect(error.what).toContain(`:${where}: ${property} has`);
  });

  it('moves the properties of old files to customizations.vscode, where what is there wins', () => {
    expect(
      parse(`{ "image": "x", "extensions": ["a", "b"], "settings": {"s": 1, "t": 1}, "devPort": 5,
        "customizations": { "vscode": { "extensions": ["b"], "settings": {"s": 2} } } }`),
    ).toEqual({
      image: 'x',
      customizations: { vscode: { extensions: ['b', 'a'], settings: { s: 2, t: 1 }, devPort: 5 } },
    });
  });
});
