import { EngineRequestError } from '../../core/error';
import { command, type Command, type CommandContext } from '../command';
import { choice, text, toggle } from '../command-line/flag';
import { explainFailure } from '../failure';
import { compileTemplate } from '../format/template';

export type ObjectKind = 'container' | 'image' | 'network' | 'volume';

const format = text('string', "Format output using a custom template: 'json', or a Go template", 'f');
const size = toggle('Display total file sizes if the type is container', 's');

function look(context: CommandContext, kind: ObjectKind, name: string, withSize: boolean): Promise<unknown> {
  const { client, signal } = context;
  switch (kind) {
    case 'container':
      return client.containers.inspect(name, { size: withSize, signal });
    case 'image':
      return client.images.inspect(name, { signal });
    case 'network':
      return client.networks.inspect(name, { signal });
    case 'volume':
      return client.volumes.inspect(name, { signal });
  }
}

/** The first kind that has an object of this name. */
async function find(
  context: CommandContext,
  kinds: readonly ObjectKind[],
  name: string,
  withSize: boolean,
): Promise<unknown> {
  for (const kind of kinds) {
    try {
      return await look(context, kind, name, withSize);
    } catch (error) {
      if (!(error instanceof EngineRequestError) || error.status !== 404 || kinds.length === 1) throw error;
    }
  }
  throw new EngineRequestError(404, 'no-such-object', `No such object: ${name}`);
}

async function print(
  context: CommandContext,
  names: readonly string[],
  template: string | undefined,
  get: (name: string) => Promise<unknown>,
): Promise<number> {
  const custom =
    template === undefined || template === '' || template === 'json' ? undefined : compileTemplate(template);
  const found: unknown[] = [];
  let code = 0;
  for (const name of names) {
    try {
      const value = await get(name);
      if (custom === undefined) found.push(value);
      else context.out.write(`${custom(value)}\n`);
    } catch (error) {
      if (!(error instanceof EngineRequestError)) throw error;
      context.err.write(`${explainFailure(error, '').text}\n`);
      code = 1;
    }
  }
  if (custom === undefined) {
    const indent = template === 'json' ? undefined : 4;
    context.out.write(`${JSON.stringify(found, undefined, indent)}\n`);
  }
  return code;
}

const anyKind = ['container', 'image', 'network', 'volume'] as const;

export const inspect = command({
  usage: '[OPTIONS] NAME|ID [NAME|ID...]',
  flags: { format, size, type: choice(['', ...anyKind], '', 'Only inspect objects of the given type') },
  count: { min: 1 },
  run: (context, { flags, positional }) =>
    print(context, positional, flags.format, (name) =>
      find(context, flags.type === '' ? anyKind : [flags.type], name, flags.size),
    ),
});

/** `berth container inspect` and its kin. */
export function inspectOf(kind: ObjectKind): Command {
  return command({
    usage: `[OPTIONS] ${kind.toUpperCase()} [${kind.toUpperCase()}...]`,
    flags: { format, size },
    count: { min: 1 },
    run: (context, { flags, positional }) =>
      print(context, positional, flags.format, (name) => find(context, [kind], name, flags.size)),
  });
}
