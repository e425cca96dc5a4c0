import { command } from '../command';
import { alignColumns } from '../format/table';

export const top = command({
  usage: 'CONTAINER [ps OPTIONS]',
  aliases: ['container top', 'top'],
  flags: {},
  count: { min: 1 },
  interspersed: false,
  async run(context, { positional: [name = '', ...psArguments] }) {
    const { Titles, Processes } = await context.client.containers.top(
      name,
      psArguments.join(' ') || undefined,
      {
        signal: context.signal,
      },
    );
    context.out.write(alignColumns([Titles, ...Processes]));
    return 0;
  },
});
