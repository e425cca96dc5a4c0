import { expect, it } from 'vitest';
import { editDistance, suggest } from '../../../../cli/command-line/suggestion';

it('counts edits, a swap of neighbours as one', () => {
  expect(editDistance('run', 'run')).toBe(0);
  expect(editDistance('rnu', 'run')).toBe(1);
  expect(editDistance('images', 'image')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
});

it('suggests what is near, nothing for what is not', () => {
  const verbs = ['run', 'images', 'inspect', 'stop', 'start'];
  expect(suggest('imagse', verbs)).toBe('images');
  expect(suggest('insp', verbs)).toBe('inspect');
  expect(suggest('frobnicate', verbs)).toBeUndefined();
});
