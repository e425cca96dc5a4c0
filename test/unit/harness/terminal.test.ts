import { expect, it } from 'vitest';
import { openTerminal } from '../../harness/terminal';

const script =
  'stty size; trap "stty size" WINCH; trap "exit 7" INT; echo ready; while :; do sleep 0.1; done';

it('is a terminal: its size, its signals, its exit code', async () => {
  const terminal = openTerminal(['sh', '-c', script], { rows: 30, columns: 100 });
  try {
    await terminal.shows(/30 100/);
    await terminal.shows(/ready/);
    terminal.resize(40, 120);
    await terminal.shows(/40 120/);
    terminal.type('\u0003');
    expect(await terminal.exited).toBe(7);
  } finally {
    terminal.kill();
  }
});
