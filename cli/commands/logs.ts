import { copyOutput } from '../../core/engine/stdcopy';
import { command } from '../command';
import { parsed, toggle } from '../command-line/flag';
import { parseTimestamp } from '../grammar/duration';

function parseTail(text: string): number | 'all' {
  if (text === 'all' || text === '-1') return 'all';
  if (!/^\d+$/.test(text)) throw new Error('must be a number of lines, or "all"');
  return Number(text);
}

const time = (text: string) => parseTimestamp(text);

export const logs = command({
  usage: '[OPTIONS] CONTAINER',
  aliases: ['container logs', 'logs'],
  flags: {
    follow: toggle('Follow log output', 'f'),
    since: parsed('string', 'Show logs since timestamp (2026-01-02T13:23:37Z) or relative (42m)', time),
    tail: parsed(
      'string',
      'Number of lines to show from the end of the logs (default "all")',
      parseTail,
      'n',
    ),
    timestamps: toggle('Show timestamps', 't'),
    until: parsed('string', 'Show logs before a timestamp (2026-01-02T13:23:37Z) or relative (42m)', time),
  },
  count: { min: 1, max: 1 },
  async run(context, { flags, positional: [name = ''] }) {
    const output = await context.client.containers.logs(name, {
      ...flags,
      tail: flags.tail ?? 'all',
      signal: context.signal,
    });
    await copyOutput(output, context.out, context.err);
    return 0;
  },
});
