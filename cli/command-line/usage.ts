import type { FlagTable } from './flag';
import type { Command } from '../command';

const helpWidth = 80;

/** Breaks text at spaces; lines after the first are indented. */
export function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines.join(`\n${indent}`);
}

/** The options of a command, one to a line, in docker's layout. */
function optionLines(flags: FlagTable): string {
  const rows = Object.entries(flags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => {
      const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
      const left = `  ${short}--${name}${flag.placeholder === undefined ? '' : ` ${flag.placeholder}`}`;
      const shown = flag.shownDefault === undefined ? '' : ` (default ${flag.shownDefault})`;
      return { left, right: flag.help + shown };
    });
  const column = Math.min(36, Math.max(...rows.map((row) => row.left.length)) + 3);
  return rows
    .map(({ left, right }) => {
      const indent = ' '.repeat(column);
      const gap = left.length + 2 > column ? `\n${indent}` : ' '.repeat(column - left.length);
      return `${left}${gap}${wrap(right, helpWidth - column, indent)}`;
    })
    .join('\n');
}

/** The full help of one command. */
export function commandHelp(path: string, summary: string, command: Command): string {
  const parts = [`Usage:  berth ${path} ${command.usage}`.trimEnd(), summary];
  if (command.details !== undefined) parts.push(wrap(command.details, helpWidth, ''));
  if (command.aliases.length > 0) {
    parts.push(`Aliases:\n  ${command.aliases.map((alias) => `berth ${alias}`).join(', ')}`);
  }
  if (Object.keys(command.flags).length > 0) parts.push(`Options:\n${optionLines(command.flags)}`);
  return `${parts.join('\n\n')}\n`;
}

/** What follows an error in how a command was called. */
export function usageHint(path: string, command: Command): string {
  return `\nUsage:  berth ${path} ${command.usage}\n\nRun 'berth ${path} --help' for more information\n`;
}

/** Two columns, the first as wide as its widest entry. */
export function twoColumns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`).join('\n');
}
