import type { ImageHistory } from '../../protocol/docker';
import { command } from '../command';
import { text, toggle } from '../command-line/flag';
import { formatHelp } from '../format/help';
import { printList, type Column } from '../format/table';
import { ago, ellipsis, humanSize, shortId } from '../format/units';

function columnsOf(whole: boolean, human: boolean): readonly Column<ImageHistory>[] {
  const iso = (unixSeconds: number) => new Date(unixSeconds * 1000).toISOString().replace('.000', '');
  return [
    {
      name: 'ID',
      header: 'IMAGE',
      value: (row) => (whole || row.Id === '<missing>' ? row.Id : shortId(row.Id)),
    },
    {
      name: 'CreatedSince',
      header: 'CREATED',
      value: (row) => (human ? ago(row.Created) : iso(row.Created)),
    },
    { name: 'CreatedAt', header: 'CREATED AT', value: (row) => iso(row.Created) },
    {
      name: 'CreatedBy',
      header: 'CREATED BY',
      value: (row) => {
        const line = row.CreatedBy.replaceAll('\t', ' ');
        return whole ? line : ellipsis(line, 45);
      },
    },
    { name: 'Size', header: 'SIZE', value: (row) => (human ? humanSize(row.Size) : String(row.Size)) },
    { name: 'Comment', header: 'COMMENT', value: (row) => row.Comment },
  ];
}

export const history = command({
  usage: '[OPTIONS] IMAGE',
  aliases: ['image history', 'history'],
  flags: {
    format: text('string', formatHelp),
    human: toggle('Print sizes and dates in human readable format', 'H', true),
    'no-trunc': toggle("Don't truncate output"),
    quiet: toggle('Only show image IDs', 'q'),
  },
  count: { min: 1, max: 1 },
  async run(context, { flags, positional: [name = ''] }) {
    const rows = await context.client.images.history(name, { signal: context.signal });
    const columns = columnsOf(flags['no-trunc'], flags.human);
    if (flags.quiet && flags.format === undefined) printList(context.out, rows, columns, [], '{{.ID}}');
    else
      printList(
        context.out,
        rows,
        columns,
        ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'],
        flags.format,
      );
    return 0;
  },
});
