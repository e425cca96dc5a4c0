import { twoColumns } from './command-line/usage';
import { commandTable, sections, type GroupEntry, type TableEntry } from './command-table';

const rows = (entries: readonly (readonly [string, TableEntry])[]) =>
  twoColumns(entries.map(([name, entry]) => [name, entry.summary] as const));

/** `berth --help` */
export function overview(): string {
  const entries = Object.entries(commandTable).filter(([, entry]) => entry.hidden !== true);
  const parts = sections.flatMap(([title, names]) => {
    const named = names.flatMap((name) => entries.filter(([each]) => each === name));
    return named.length === 0 ? [] : [`${title}:\n${rows(named)}`];
  });
  const listed = new Set(sections.flatMap(([, names]) => names));
  const verbs = entries.filter(([name, entry]) => entry.kind === 'verb' && !listed.has(name));
  const groups = entries.filter(([name, entry]) => entry.kind === 'group' && !listed.has(name));
  return `${[
    'Usage:  berth [OPTIONS] COMMAND',
    'Opens projects in isolated Linux environments, and runs images.',
    ...parts,
    `Management Commands:\n${rows(groups)}`,
    `Commands:\n${rows(verbs)}`,
    `Global Options:\n${twoColumns([
      [
        '-H, --host address',
        "The helper's socket (unix:///path); else $BERTH_HOST, else /run/berth/berth.sock",
      ],
      ['-v, --version', 'Print the version and quit'],
    ])}`,
    `Run 'berth COMMAND --help' for more information on a command.`,
  ].join('\n\n')}\n`;
}

/** `berth network --help` */
export function groupHelp(path: string, group: GroupEntry): string {
  const verbs = Object.entries(group.verbs).filter(([, entry]) => entry.hidden !== true);
  return `Usage:  berth ${path} COMMAND\n\n${group.summary}\n\nCommands:\n${rows(verbs)}\n\nRun 'berth ${path} COMMAND --help' for more information on a command.\n`;
}
