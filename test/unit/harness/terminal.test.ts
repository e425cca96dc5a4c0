import { expect, it } from 'vitest';
import { openTerminal } from '../../harness/terminal';

it('is a terminal: its size, its signals, its exit code', async () => {
  const terminal = openTerminal(['sh'], { rows: 30, columns: 100 });
  terminal.type('stty size\r');
  await terminal.shows(/30 100/);
  terminal.resize(40, 120);
  terminal.type('stty size\r');
  await terminal.shows(/40 120/);
  terminal.type('trap "echo inter"rupted INT; echo re"ady"\r');
  await terminal.shows(/ready/);
  terminal.type('\u0003');
  await terminal.shows(/interrupted/);
  terminal.type('exit 7\r');
  expect(await terminal.exited).toBe(7);
});
