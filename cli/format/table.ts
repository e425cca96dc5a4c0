import type { Writable } from 'node:stream';
import { compileTemplate, fixedRow } from './template';

/** A field of a list: its name in templates, its header in tables, its text for one entry. */
export interface Column<Row> {
  readonly name: string;
  readonly header: string;
  value(row: Row): string;
}

/** Columns side by side, each as wide as its widest cell and three spaces more. The last is not padded. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  return rows
    .map((row) =>
      row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd((widths[at] ?? 0) + 3))).join(''),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Prints a list as `--format` asks: `table` (the default, with `shown` columns), `table TEMPLATE`, `json` (an object a line), or a template.
 * @throws TemplateError
 */
export function printList<Row>(
  out: Writable,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  shown: readonly string[],
  format: string | undefined,
): void {
  const sorted = [...columns].sort((a, b) => (a.name < b.name ? -1 : 1));
  const fields = (row: Row) =>
    fixedRow(Object.fromEntries(sorted.map((column) => [column.name, column.value(row)])));
  if (format === 'json') {
    for (const row of rows) out.write(`${JSON.stringify(fields(row))}\n`);
    return;
  }
  if (format === undefined || format === '' || format === 'table') {
    const picked = shown.flatMap((name) => columns.find((column) => column.name === name) ?? []);
    out.write(
      alignColumns([
        picked.map((column) => column.header),
        ...rows.map((row) => picked.map((column) => column.value(row))),
      ]),
    );
    return;
  }
  const asTable = format.startsWith('table ');
  const template = compileTemplate(asTable ? format.slice('table '.length).trimStart() : format);
  if (!asTable) {
    for (const row of rows) out.write(`${template(fields(row))}\n`);
    return;
  }
  const headers = fixedRow(Object.fromEntries(sorted.map((column) => [column.name, column.header])));
  const lines = [template(headers), ...rows.map((row) => template(fields(row)))];
  out.write(alignColumns(lines.map((line) => line.split('\t'))));
}
