import { command } from '../command';
import { attachmentOf, createBody } from '../create/body';
import { createContainer } from '../create/create-container';
import { createFlags } from '../create/flags';

export const create = command({
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  aliases: ['container create', 'create'],
  flags: createFlags,
  count: { min: 1 },
  interspersed: false,
  async run(context, { flags, positional }) {
    const [image = '', ...words] = positional;
    const body = createBody(flags, image, words, attachmentOf(flags, false), context.environment);
    const { id } = await createContainer(context, flags, body);
    context.out.write(`${id}\n`);
    return 0;
  },
});
