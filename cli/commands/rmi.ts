import { command } from '../command';
import { toggle } from '../command-line/flag';
import { forEachName } from '../each-name';

export const rmi = command({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  aliases: ['image rm', 'image remove', 'rmi'],
  flags: {
    force: toggle('Force removal of the image', 'f'),
    'no-prune': toggle('Do not delete untagged parents'),
  },
  count: { min: 1 },
  run: (context, { flags, positional }) =>
    forEachName(context, positional, async (name) => {
      const removed = await context.client.images.remove(name, {
        force: flags.force,
        noPrune: flags['no-prune'],
        signal: context.signal,
      });
      return removed
        .map((entry) =>
          entry.Deleted === undefined ? `Untagged: ${entry.Untagged ?? ''}` : `Deleted: ${entry.Deleted}`,
        )
        .join('\n');
    }),
});
