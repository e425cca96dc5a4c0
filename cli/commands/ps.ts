import type { ContainerSummary, PortSummary } from '../../protocol/docker';
import { command } from '../command';
import { each, integer, text, toggle } from '../command-line/flag';
import { gatherFilters, parseFilter } from '../filters';
import { formatHelp } from '../format/help';
import { printList, type Column } from '../format/table';
import { ago, ellipsis, humanSize, localTime, shortId } from '../format/units';

const endpoint = (port: PortSummary) =>
  port.PublicPort === undefined
    ? `${port.PrivatePort}/${port.Type}`
    : `${port.IP?.includes(':') === true ? `[${port.IP}]` : (port.IP ?? '')}:${port.PublicPort}->${port.PrivatePort}/${port.Type}`;

/** Ports as docker lists them: `127.0.0.1:8080->80/tcp, 9000/tcp`. */
export function portList(ports: readonly PortSummary[]): string {
  const order = (port: PortSummary) => [port.PrivatePort, port.PublicPort ?? 0] as const;
  return [...ports]
    .sort((a, b) => order(a)[0] - order(b)[0] || order(a)[1] - order(b)[1])
    .map(endpoint)
    .join(', ');
}

function columnsOf(whole: boolean): readonly Column<ContainerSummary>[] {
  return [
    { name: 'ID', header: 'CONTAINER ID', value: (row) => (whole ? row.Id : shortId(row.Id)) },
    {
      name: 'Image',
      header: 'IMAGE',
      value: (row) => (!whole && row.Image.startsWith('sha256:') ? shortId(row.Image) : row.Image),
    },
    {
      name: 'Command',
      header: 'COMMAND',
      value: (row) => `"${whole ? row.Command : ellipsis(row.Command, 20)}"`,
    },
    { name: 'CreatedAt', header: 'CREATED AT', value: (row) => localTime(row.Created) },
    { name: 'RunningFor', header: 'CREATED', value: (row) => ago(row.Created) },
    { name: 'Status', header: 'STATUS', value: (row) => row.Status },
    { name: 'State', header: 'STATE', value: (row) => row.State },
    { name: 'Ports', header: 'PORTS', value: (row) => portList(row.Ports) },
    {
      name: 'Size',
      header: 'SIZE',
      value: (row) =>
        `${humanSize(row.SizeRw ?? 0)}${(row.SizeRootFs ?? 0) > 0 ? ` (virtual ${humanSize(row.SizeRootFs ?? 0)})` : ''}`,
    },
    {
      name: 'Names',
      header: 'NAMES',
      value: (row) => row.Names.map((name) => name.replace(/^\//, '')).join(','),
    },
    {
      name: 'Labels',
      header: 'LABELS',
      value: (row) =>
        Object.entries(row.Labels)
          .map((pair) => pair.join('='))
          .join(','),
    },
    {
      name: 'Mounts',
      header: 'MOUNTS',
      value: (row) =>
        row.Mounts.map((mount) => mount.Name ?? mount.Source)
          .map((name) => (whole ? name : ellipsis(name, 15)))
          .join(','),
    },
    {
      name: 'LocalVolumes',
      header: 'LOCAL VOLUMES',
      value: (row) => String(row.Mounts.filter((mount) => mount.Type === 'volume').length),
    },
    {
      name: 'Networks',
      header: 'NETWORKS',
      value: (row) => Object.keys(row.NetworkSettings.Networks).join(','),
    },
  ];
}

export const ps = command({
  usage: '[OPTIONS]',
  aliases: ['container ls', 'container list', 'container ps', 'ps'],
  flags: {
    all: toggle('Show all containers (default shows just running)', 'a'),
    filter: each('filter', 'Filter output based on conditions provided', parseFilter, 'f'),
    format: text('string', formatHelp),
    last: integer('Show n last created containers (includes all states)', 'n'),
    latest: toggle('Show the latest created container (includes all states)', 'l'),
    'no-trunc': toggle("Don't truncate output"),
    quiet: toggle('Only display container IDs', 'q'),
    size: toggle('Display total file sizes', 's'),
  },
  async run(context, { flags }) {
    const rows = await context.client.containers.list({
      all: flags.all,
      limit: flags.latest ? 1 : flags.last,
      size: flags.size || (flags.format?.includes('.Size') ?? false),
      filters: gatherFilters(flags.filter),
      signal: context.signal,
    });
    if (flags.quiet && flags.format === undefined) {
      for (const row of rows) context.out.write(`${flags['no-trunc'] ? row.Id : shortId(row.Id)}\n`);
      return 0;
    }
    const shown = [
      'ID',
      'Image',
      'Command',
      'RunningFor',
      'Status',
      'Ports',
      'Names',
      ...(flags.size ? ['Size'] : []),
    ];
    printList(context.out, rows, columnsOf(flags['no-trunc']), shown, flags.format);
    return 0;
  },
});
