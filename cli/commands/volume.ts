import type { VolumeInspect } from '../../protocol/docker';
import { command } from '../command';
import { each, list, text, toggle } from '../command-line/flag';
import { forEachName } from '../each-name';
import { gatherFilters, parseFilter } from '../filters';
import { formatHelp } from '../format/help';
import { printList, type Column } from '../format/table';
import { toMap } from '../grammar/environment';

const columns: readonly Column<VolumeInspect>[] = [
  { name: 'Driver', header: 'DRIVER', value: (row) => row.Driver },
  { name: 'Name', header: 'VOLUME NAME', value: (row) => row.Name },
  { name: 'Scope', header: 'SCOPE', value: (row) => row.Scope },
  { name: 'Mountpoint', header: 'MOUNTPOINT', value: (row) => row.Mountpoint },
  {
    name: 'Labels',
    header: 'LABELS',
    value: (row) =>
      Object.entries(row.Labels ?? {})
        .map((pair) => pair.join('='))
        .join(','),
  },
];

export const volumeList = command({
  usage: '[OPTIONS]',
  flags: {
    filter: each('filter', 'Provide filter values (e.g. "dangling=true")', parseFilter, 'f'),
    format: text('string', formatHelp),
    quiet: toggle('Only display volume names', 'q'),
  },
  async run(context, { flags }) {
    const { Volumes, Warnings } = await context.client.volumes.list({
      filters: gatherFilters(flags.filter),
      signal: context.signal,
    });
    const rows = (Volumes ?? []).sort((a, b) => (a.Name < b.Name ? -1 : 1));
    printList(
      context.out,
      rows,
      columns,
      ['Driver', 'Name'],
      flags.format ?? (flags.quiet ? '{{.Name}}' : undefined),
    );
    for (const warning of Warnings ?? []) context.err.write(`WARNING: ${warning}\n`);
    return 0;
  },
});

export const volumeCreate = command({
  usage: '[OPTIONS] [VOLUME]',
  flags: {
    driver: text('string', 'Specify volume driver name (default "local")', 'd'),
    label: list('Set metadata for a volume'),
    opt: list('Set driver specific options', 'o', 'map'),
  },
  count: { max: 1 },
  async run(context, { flags, positional: [name] }) {
    const volume = await context.client.volumes.create(
      {
        Name: name,
        Driver: flags.driver ?? 'local',
        Labels: toMap(flags.label),
        DriverOpts: toMap(flags.opt),
      },
      { signal: context.signal },
    );
    context.out.write(`${volume.Name}\n`);
    return 0;
  },
});

export const volumeRemove = command({
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  flags: { force: toggle('Force the removal of one or more volumes', 'f') },
  count: { min: 1 },
  run: (context, { flags, positional }) =>
    forEachName(context, positional, async (name) => {
      await context.client.volumes.remove(name, { force: flags.force, signal: context.signal });
      return name;
    }),
});
