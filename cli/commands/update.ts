import { command } from '../command';
import { integer, parsed, text } from '../command-line/flag';
import { UsageError } from '../command-line/usage-error';
import { forEachName } from '../each-name';
import { parseRestart } from '../grammar/resource';
import { parseCpus, parseSize, parseSizeOrUnlimited } from '../grammar/size';

export const update = command({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container update', 'update'],
  flags: {
    'cpu-period': integer('Limit CPU CFS (Completely Fair Scheduler) period'),
    'cpu-quota': integer('Limit CPU CFS (Completely Fair Scheduler) quota'),
    'cpu-shares': integer('CPU shares (relative weight)', 'c'),
    cpus: parsed('decimal', 'Number of CPUs', parseCpus),
    'cpuset-cpus': text('string', 'CPUs in which to allow execution (0-3, 0,1)'),
    memory: parsed('bytes', 'Memory limit', parseSize, 'm'),
    'memory-reservation': parsed('bytes', 'Memory soft limit', parseSize),
    'memory-swap': parsed(
      'bytes',
      "Swap limit equal to memory plus swap: '-1' to enable unlimited swap",
      parseSizeOrUnlimited,
    ),
    'pids-limit': integer('Tune container pids limit (set -1 for unlimited)'),
    restart: parsed('string', 'Restart policy to apply when a container exits', parseRestart),
  },
  count: { min: 1 },
  async run(context, { flags, given, positional }) {
    if (given.size === 0)
      throw new UsageError('you must provide one or more flags when using this command', 1);
    const body = {
      CpuPeriod: flags['cpu-period'],
      CpuQuota: flags['cpu-quota'],
      CpuShares: flags['cpu-shares'],
      NanoCpus: flags.cpus,
      CpusetCpus: flags['cpuset-cpus'],
      Memory: flags.memory,
      MemoryReservation: flags['memory-reservation'],
      MemorySwap: flags['memory-swap'],
      PidsLimit: flags['pids-limit'],
      RestartPolicy: flags.restart,
    };
    return forEachName(context, positional, async (name) => {
      const { Warnings } = await context.client.containers.update(name, body, { signal: context.signal });
      for (const warning of Warnings ?? []) context.err.write(`WARNING: ${warning}\n`);
      return name;
    });
  },
});
