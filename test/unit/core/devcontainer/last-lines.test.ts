import { expect, it } from 'vitest';
import { LastLines } from '../../../../core/devcontainer/last-lines';

it('keeps the end of an output as one would have seen it', () => {
  const last = new LastLines(3);
  for (let line = 0; line < 1000; line++) last.add(`line ${line}\r\n`);
  last.add('\x1b[31mred\x1b[0m\r\n\r\n10 %\r20');
  last.add(' %');
  expect(last.get()).toEqual(['line 999', 'red', '20 %']);
});
