import { command, type CommandContext } from '../command';
import { text, toggle } from '../command-line/flag';
import { UsageError } from '../command-line/usage-error';
import { forEachName } from '../each-name';
import { runInForeground } from '../terminal/foreground';

export const start = command({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container start', 'start'],
  flags: {
    attach: toggle('Attach STDOUT/STDERR and forward signals', 'a'),
    'detach-keys': text('string', 'Override the key sequence for detaching a container'),
    interactive: toggle("Attach container's STDIN", 'i'),
  },
  count: { min: 1 },
  async run(context, { flags, positional }) {
    if (!flags.attach && !flags.interactive) {
      return forEachName(context, positional, async (name) => {
        await context.client.containers.start(name, { signal: context.signal });
        return name;
      });
    }
    const [name = '', ...others] = positional;
    if (others.length > 0) throw new UsageError('you cannot start and attach multiple containers at once', 1);
    return startAttached(context, name, flags.interactive, flags['detach-keys']);
  },
});

async function startAttached(
  context: CommandContext,
  name: string,
  interactive: boolean,
  detachKeys: string | undefined,
): Promise<number> {
  const {
    Id: id,
    Config,
    HostConfig,
  } = await context.client.containers.inspect(name, { signal: context.signal });
  return runInForeground(context, id, {
    stdin: interactive && Config.OpenStdin === true,
    stdout: true,
    stderr: true,
    tty: Config.Tty === true,
    detachKeys,
    proxySignals: true,
    condition: HostConfig.AutoRemove === true ? 'removed' : 'next-exit',
  });
}
