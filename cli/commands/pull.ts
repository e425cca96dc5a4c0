import { command } from '../command';
import { text, toggle } from '../command-line/flag';
import { pullImage } from '../pull/pull-image';
import { canonicalName, parseReference } from '../pull/reference';

export const pull = command({
  usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
  aliases: ['image pull', 'pull'],
  flags: {
    platform: text('string', 'Set platform if the image has several'),
    quiet: toggle('Suppress verbose output', 'q'),
  },
  count: { min: 1, max: 1 },
  async run(context, { flags, positional: [name = ''] }) {
    const reference = parseReference(name);
    if (!flags.quiet && reference.tag === 'latest' && !name.endsWith(':latest')) {
      context.out.write('Using default tag: latest\n');
    }
    await pullImage(context, name, { platform: flags.platform, out: flags.quiet ? undefined : context.out });
    context.out.write(`${canonicalName(reference)}\n`);
    return 0;
  },
});
