import type { DiskUsage } from '../../protocol/docker';
import { command } from '../command';
import { text } from '../command-line/flag';
import { formatHelp } from '../format/help';
import { printList, type Column } from '../format/table';
import { humanSize } from '../format/units';

interface Row {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  readonly size: number;
  readonly reclaimable: number;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** What each kind of object takes, and how much of it nothing needs now. */
export function usageRows(usage: DiskUsage): Row[] {
  const images = usage.Images ?? [];
  const containers = usage.Containers ?? [];
  const volumes = usage.Volumes ?? [];
  const stopped = containers.filter((each) => each.State !== 'running' && each.State !== 'paused');
  const sizeOf = (each: { SizeRw?: number | undefined }) => each.SizeRw ?? 0;
  const unusedVolumes = volumes.filter((each) => (each.UsageData?.RefCount ?? 0) <= 0);
  const volumeSize = (each: (typeof volumes)[number]) => Math.max(0, each.UsageData?.Size ?? 0);
  const layers = usage.LayersSize ?? 0;
  const usedImages = sum(
    images.filter((each) => each.Containers > 0).map((each) => each.Size - Math.max(0, each.SharedSize)),
  );
  return [
    {
      type: 'Images',
      total: images.length,
      active: images.filter((each) => each.Containers > 0).length,
      size: layers,
      reclaimable: Math.max(0, layers - usedImages),
    },
    {
      type: 'Containers',
      total: containers.length,
      active: containers.length - stopped.length,
      size: sum(containers.map(sizeOf)),
      reclaimable: sum(stopped.map(sizeOf)),
    },
    {
      type: 'Local Volumes',
      total: volumes.length,
      active: volumes.length - unusedVolumes.length,
      size: sum(volumes.map(volumeSize)),
      reclaimable: sum(unusedVolumes.map(volumeSize)),
    },
  ];
}

const columns: readonly Column<Row>[] = [
  { name: 'Type', header: 'TYPE', value: (row) => row.type },
  { name: 'TotalCount', header: 'TOTAL', value: (row) => String(row.total) },
  { name: 'Active', header: 'ACTIVE', value: (row) => String(row.active) },
  { name: 'Size', header: 'SIZE', value: (row) => humanSize(row.size) },
  {
    name: 'Reclaimable',
    header: 'RECLAIMABLE',
    value: (row) =>
      `${humanSize(row.reclaimable)}${row.size > 0 ? ` (${Math.floor((row.reclaimable / row.size) * 100)}%)` : ''}`,
  },
];

export const diskUsage = command({
  usage: '[OPTIONS]',
  flags: { format: text('string', formatHelp) },
  async run(context, { flags }) {
    const usage = await context.client.diskUsage({ signal: context.signal });
    printList(
      context.out,
      usageRows(usage),
      columns,
      columns.map((column) => column.name),
      flags.format,
    );
    return 0;
  },
});
