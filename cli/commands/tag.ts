import { command } from '../command';
import { parseReference } from '../pull/reference';

export const tag = command({
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  aliases: ['image tag', 'tag'],
  flags: {},
  count: { min: 2, max: 2 },
  async run(context, { positional: [source = '', target = ''] }) {
    // Said here, where the user's own text is known, rather than by the helper.
    parseReference(target);
    await context.client.images.tag(source, target, { signal: context.signal });
    return 0;
  },
});
