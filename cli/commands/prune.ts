import { createInterface } from 'node:readline/promises';
import type { Filters } from '../../core/engine/query';
import { command, type Command, type CommandContext } from '../command';
import { each, toggle } from '../command-line/flag';
import { ExitError } from '../failure';
import { gatherFilters, parseFilter } from '../filters';
import { humanSize } from '../format/units';

type PrunedKind = 'container' | 'image' | 'network' | 'volume';

const consequences: Readonly<Record<PrunedKind, string>> = {
  container: 'all stopped containers',
  network: 'all networks not used by at least one container',
  volume: 'anonymous volumes not used by at least one container',
  image: 'all dangling images',
};

interface Pruned {
  readonly names: readonly string[];
  /** Bytes; networks take none. */
  readonly space: number;
}

async function prune(
  context: CommandContext,
  kind: PrunedKind,
  filters: Filters,
  all: boolean,
): Promise<Pruned> {
  const { client, signal } = context;
  switch (kind) {
    case 'container': {
      const answer = await client.containers.prune({ filters, signal });
      return { names: answer.ContainersDeleted ?? [], space: answer.SpaceReclaimed };
    }
    case 'image': {
      const answer = await client.images.prune({ filters: { ...filters, dangling: [String(!all)] }, signal });
      const names = (answer.ImagesDeleted ?? []).map((each) =>
        each.Deleted === undefined ? `untagged: ${each.Untagged ?? ''}` : `deleted: ${each.Deleted}`,
      );
      return { names, space: answer.SpaceReclaimed };
    }
    case 'network':
      return { names: (await client.networks.prune({ filters, signal })).NetworksDeleted ?? [], space: 0 };
    case 'volume': {
      const answer = await client.volumes.prune({
        filters: all ? { ...filters, all: ['true'] } : filters,
        signal,
      });
      return { names: answer.VolumesDeleted ?? [], space: answer.SpaceReclaimed };
    }
  }
}

async function confirm(context: CommandContext, what: readonly string[]): Promise<void> {
  const question = `WARNING! This will remove:\n${what.map((line) => `  - ${line}\n`).join('')}\nAre you sure you want to continue? [y/N] `;
  if (context.in.isTTY !== true) {
    throw new ExitError(
      1,
      `${question}\nberth: Cannot ask: standard input is not a terminal. Add --force to remove without being asked.`,
    );
  }
  const reader = createInterface({ input: context.in, output: context.out });
  try {
    const answer = await reader.question(question, { signal: context.signal });
    if (!/^y(es)?$/i.test(answer.trim())) throw new ExitError(1, 'Nothing was removed.');
  } finally {
    reader.close();
  }
}

const titles: Readonly<Record<PrunedKind, string>> = {
  container: 'Deleted Containers:',
  image: 'Deleted Images:',
  network: 'Deleted Networks:',
  volume: 'Deleted Volumes:',
};

/** `berth container prune` and its kin; `system prune` does containers, networks and images, volumes on request. */
export function pruneOf(subject: PrunedKind | 'system'): Command {
  return command({
    usage: '[OPTIONS]',
    flags: {
      all: toggle(
        subject === 'volume'
          ? 'Remove all unused volumes, not just anonymous ones'
          : 'Remove all unused images, not just dangling ones',
        'a',
      ),
      filter: each('filter', 'Provide filter values (e.g. "label=<key>=<value>")', parseFilter),
      force: toggle('Do not prompt for confirmation', 'f'),
      volumes: toggle('Prune anonymous volumes, too (system prune only)'),
    },
    async run(context, { flags }) {
      const kinds: readonly PrunedKind[] =
        subject === 'system'
          ? ['container', 'network', ...(flags.volumes ? (['volume'] as const) : []), 'image']
          : [subject];
      if (!flags.force)
        await confirm(
          context,
          kinds.map((kind) => describe(kind, flags.all)),
        );
      let space = 0;
      for (const kind of kinds) {
        const pruned = await prune(
          context,
          kind,
          gatherFilters(flags.filter),
          flags.all && (kind === 'image' || subject === 'volume'),
        );
        space += pruned.space;
        if (pruned.names.length > 0) context.out.write(`${titles[kind]}\n${pruned.names.join('\n')}\n\n`);
      }
      if (subject !== 'network') context.out.write(`Total reclaimed space: ${humanSize(space)}\n`);
      return 0;
    },
  });
}

function describe(kind: PrunedKind, all: boolean): string {
  if (kind === 'image' && all) return 'all images without at least one container associated to them';
  if (kind === 'volume' && all) return 'all volumes not used by at least one container';
  return consequences[kind];
}
