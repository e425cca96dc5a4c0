import type { EventMessage } from '../../protocol/docker';
import { command } from '../command';
import { each, parsed, text } from '../command-line/flag';
import { gatherFilters, parseFilter } from '../filters';
import { compileTemplate } from '../format/template';
import { parseTimestamp } from '../grammar/duration';

const time = (value: string) => parseTimestamp(value);

/** `2026-11-21T21:04:41.000000000+00:00 container start 4f2c… (image=berth/base, name=x)` */
export function eventLine(event: EventMessage): string {
  const attributes = Object.entries(event.Actor.Attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join(', ');
  const instant = new Date(event.timeNano / 1e6 || event.time * 1000);
  const fraction = String(Math.round(event.timeNano % 1e9))
    .padStart(9, '0')
    .slice(0, 9);
  const stamp = `${instant.toISOString().slice(0, 19)}.${fraction}Z`;
  return `${stamp} ${event.Type} ${event.Action} ${event.Actor.ID}${attributes === '' ? '' : ` (${attributes})`}`;
}

export const events = command({
  usage: '[OPTIONS]',
  aliases: ['system events', 'events'],
  flags: {
    filter: each('filter', 'Filter output based on conditions provided', parseFilter, 'f'),
    format: text('string', "Format output using a custom template: 'json', or a Go template"),
    since: parsed('string', 'Show all events created since timestamp', time),
    until: parsed('string', 'Stream events until this timestamp', time),
  },
  async run(context, { flags }) {
    const template =
      flags.format === undefined || flags.format === 'json' ? undefined : compileTemplate(flags.format);
    const line = (event: EventMessage) =>
      template !== undefined
        ? template(event)
        : flags.format === 'json'
          ? JSON.stringify(event)
          : eventLine(event);
    const { since, until } = flags;
    const filters = gatherFilters(flags.filter);
    for await (const event of context.client.events({ since, until, filters, signal: context.signal })) {
      context.out.write(`${line(event)}\n`);
    }
    return 0;
  },
});
