import { setInterval } from 'node:timers/promises';
import { isAbort } from '../../core/error';
import type { ContainerStats } from '../../protocol/docker';
import { command, type CommandContext } from '../command';
import { text, toggle } from '../command-line/flag';
import { formatHelp } from '../format/help';
import { printList, type Column } from '../format/table';
import { binarySize, humanSize, shortId } from '../format/units';

const percent = (value: number) => `${value.toFixed(2)}%`;

/** CPU time of the container against that of the machine since the sample before, 100 % = one CPU. */
export function cpuPercent(stats: ContainerStats): number {
  const { cpu_stats: now, precpu_stats: before } = stats;
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const machine = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  return used > 0 && machine > 0 ? (used / machine) * (now.online_cpus ?? 1) * 100 : 0;
}

/** Bytes in use without the page cache that can be dropped at any time (docker's rule, for both kinds of control groups). */
export function memoryInUse({ memory_stats: memory }: ContainerStats): number {
  const usage = memory.usage ?? 0;
  const cache = memory.stats?.['total_inactive_file'] ?? memory.stats?.['inactive_file'] ?? 0;
  return cache < usage ? usage - cache : usage;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

function blockBytes(stats: ContainerStats, operation: string): number {
  const entries = stats.blkio_stats.io_service_bytes_recursive ?? [];
  return sum(entries.filter((entry) => entry.op.toLowerCase() === operation).map((entry) => entry.value));
}

const columnsOf = (whole: boolean): readonly Column<ContainerStats>[] => {
  const id = (stats: ContainerStats) => (whole ? stats.id : shortId(stats.id));
  return [
    { name: 'Container', header: 'CONTAINER', value: id },
    { name: 'ID', header: 'CONTAINER ID', value: id },
    { name: 'Name', header: 'NAME', value: (stats) => stats.name.replace(/^\//, '') },
    { name: 'CPUPerc', header: 'CPU %', value: (stats) => percent(cpuPercent(stats)) },
    {
      name: 'MemUsage',
      header: 'MEM USAGE / LIMIT',
      value: (stats) => `${binarySize(memoryInUse(stats))} / ${binarySize(stats.memory_stats.limit ?? 0)}`,
    },
    {
      name: 'MemPerc',
      header: 'MEM %',
      value: (stats) =>
        percent(stats.memory_stats.limit ? (memoryInUse(stats) / stats.memory_stats.limit) * 100 : 0),
    },
    {
      name: 'NetIO',
      header: 'NET I/O',
      value: (stats) => {
        const networks = Object.values(stats.networks ?? {});
        return `${humanSize(sum(networks.map((each) => each.rx_bytes)))} / ${humanSize(sum(networks.map((each) => each.tx_bytes)))}`;
      },
    },
    {
      name: 'BlockIO',
      header: 'BLOCK I/O',
      value: (stats) => `${humanSize(blockBytes(stats, 'read'))} / ${humanSize(blockBytes(stats, 'write'))}`,
    },
    { name: 'PIDs', header: 'PIDS', value: (stats) => String(stats.pids_stats.current ?? 0) },
  ];
};

const refreshMilliseconds = 1000;

const shown = ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'];

export const stats = command({
  usage: '[OPTIONS] [CONTAINER...]',
  aliases: ['container stats', 'stats'],
  flags: {
    all: toggle('Show all containers (default shows just running)', 'a'),
    format: text('string', formatHelp),
    'no-stream': toggle('Disable streaming stats and only pull the first result'),
    'no-trunc': toggle('Do not truncate output'),
  },
  count: { max: Infinity },
  async run(context, { flags, positional }) {
    const names = async () =>
      positional.length > 0
        ? positional
        : (await context.client.containers.list({ all: flags.all, signal: context.signal })).map(
            (row) => row.Id,
          );
    const columns = columnsOf(flags['no-trunc']);
    const redraw =
      context.out.isTTY === true && (flags.format === undefined || flags.format.startsWith('table'));
    const draw = async () => {
      const samples = await sample(context, await names(), positional.length === 0);
      if (redraw && !flags['no-stream']) context.out.write('\x1b[H\x1b[2J');
      printList(context.out, samples, columns, shown, flags.format);
    };
    await draw();
    if (flags['no-stream']) return 0;
    for await (const _tick of setInterval(refreshMilliseconds, undefined, { signal: context.signal }))
      await draw();
    return 0;
  },
});

/** A sample of each; a container that has gone meanwhile is left out when the user did not name it. */
async function sample(
  context: CommandContext,
  names: readonly string[],
  lenient: boolean,
): Promise<ContainerStats[]> {
  const results = await Promise.all(
    names.map(async (name) => {
      try {
        return [await context.client.containers.stats(name, { signal: context.signal })];
      } catch (error) {
        if (!lenient || isAbort(error)) throw error;
        return [];
      }
    }),
  );
  return results.flat();
}
