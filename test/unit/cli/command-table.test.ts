import { describe, expect, it } from 'vitest';
import { commandTable, type TableEntry } from '../../../cli/command-table';
import { commandHelp } from '../../../cli/command-line/usage';
import { overview } from '../../../cli/overview';

const verbs = (
  entries: Readonly<Record<string, TableEntry>>,
  path = '',
): [string, TableEntry & { kind: 'verb' }][] =>
  Object.entries(entries).flatMap(([name, entry]) =>
    entry.kind === 'verb' ? [[`${path}${name}`, entry] as const] : verbs(entry.verbs, `${path}${name} `),
  );

describe('every verb of the table', () => {
  it.each(verbs(commandTable))('berth %s loads and has a help that fits a terminal', async (name, entry) => {
    const command = await entry.load();
    const help = commandHelp(name, entry.summary, command);
    expect(help).toContain(`Usage:  berth ${name}`);
    for (const flag of Object.keys(command.flags)) expect(help).toContain(`--${flag}`);
    expect(help.split('\n').filter((line) => line.length > 100 && !line.includes('Usage'))).toEqual([]);
  });

  it('no verb has two flags with one letter', async () => {
    for (const [name, entry] of verbs(commandTable)) {
      const letters = Object.values((await entry.load()).flags).flatMap((flag) => flag.short ?? []);
      expect(new Set(letters).size, name).toBe(letters.length);
    }
  });

  it('is in the overview', () => {
    for (const [name, entry] of Object.entries(commandTable)) {
      if (entry.hidden !== true) expect(overview()).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });
});
