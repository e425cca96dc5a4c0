import type { ImageSummary } from '../../protocol/docker';
import { command } from '../command';
import { each, text, toggle } from '../command-line/flag';
import { gatherFilters, parseFilter } from '../filters';
import { formatHelp } from '../format/help';
import { printList, type Column } from '../format/table';
import { ago, humanSize, localTime, shortId } from '../format/units';

/** One line of the list: an image has a line for each of its names. */
interface Row {
  readonly image: ImageSummary;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

const none = '<none>';

/** A line for every tag, with its digest beside it; one for each digest without a tag; one for an image without any name. */
export function rowsOf(image: ImageSummary): Row[] {
  const tags = image.RepoTags.filter((name) => name !== '<none>:<none>');
  const digests = image.RepoDigests.filter((name) => !name.startsWith('<none>@')).map((name) => {
    const at = name.indexOf('@');
    return { repository: name.slice(0, at), digest: name.slice(at + 1) };
  });
  const tagged = tags.map((name) => {
    const colon = name.lastIndexOf(':');
    const repository = name.slice(0, colon);
    const digest = digests.find((entry) => entry.repository === repository)?.digest ?? none;
    return { image, repository, tag: name.slice(colon + 1), digest };
  });
  const known = new Set(tagged.map((row) => row.repository));
  const untagged = digests
    .filter((entry) => !known.has(entry.repository))
    .map((entry) => ({ image, ...entry, tag: none }));
  const rows = [...tagged, ...untagged];
  return rows.length > 0 ? rows : [{ image, repository: none, tag: none, digest: none }];
}

const columnsOf = (whole: boolean): readonly Column<Row>[] => [
  { name: 'Repository', header: 'REPOSITORY', value: (row) => row.repository },
  { name: 'Tag', header: 'TAG', value: (row) => row.tag },
  { name: 'Digest', header: 'DIGEST', value: (row) => row.digest },
  { name: 'ID', header: 'IMAGE ID', value: (row) => (whole ? row.image.Id : shortId(row.image.Id)) },
  { name: 'CreatedSince', header: 'CREATED', value: (row) => ago(row.image.Created) },
  { name: 'CreatedAt', header: 'CREATED AT', value: (row) => localTime(row.image.Created) },
  { name: 'Size', header: 'SIZE', value: (row) => humanSize(row.image.Size) },
  {
    name: 'Containers',
    header: 'CONTAINERS',
    value: (row) => (row.image.Containers < 0 ? 'N/A' : String(row.image.Containers)),
  },
  {
    name: 'SharedSize',
    header: 'SHARED SIZE',
    value: (row) => (row.image.SharedSize < 0 ? 'N/A' : humanSize(row.image.SharedSize)),
  },
];

export const images = command({
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  aliases: ['image ls', 'image list', 'images'],
  flags: {
    all: toggle('Show all images (default hides intermediate images)', 'a'),
    digests: toggle('Show digests'),
    filter: each('filter', 'Filter output based on conditions provided', parseFilter, 'f'),
    format: text('string', formatHelp),
    'no-trunc': toggle("Don't truncate output"),
    quiet: toggle('Only show image IDs', 'q'),
  },
  count: { max: 1 },
  async run(context, { flags, positional: [name] }) {
    const filters = gatherFilters([
      ...flags.filter,
      ...(name === undefined ? [] : [['reference', name] as const]),
    ]);
    const list = await context.client.images.list({ all: flags.all, filters, signal: context.signal });
    const whole = flags['no-trunc'];
    if (flags.quiet && flags.format === undefined) {
      const ids = new Set(list.map((image) => (whole ? image.Id : shortId(image.Id))));
      for (const id of ids) context.out.write(`${id}\n`);
      return 0;
    }
    const digests = flags.digests ? ['Digest'] : [];
    const shown = ['Repository', 'Tag', ...digests, 'ID', 'CreatedSince', 'Size'];
    printList(context.out, list.flatMap(rowsOf), columnsOf(whole), shown, flags.format);
    return 0;
  },
});
