import { EngineRequestError, explained, messageOf } from '../../core/error';
import { command, type CommandContext } from '../command';
import { text, toggle } from '../command-line/flag';
import { UsageError } from '../command-line/usage-error';
import { attachmentOf, createBody } from '../create/body';
import { createContainer } from '../create/create-container';
import { createFlags } from '../create/flags';
import { ExitError } from '../failure';
import { runInForeground, startExitCode } from '../terminal/foreground';
import { parseDetachKeys } from '../terminal/detach-keys';
import { RunStory } from '../explain/run-story';

const flags = {
  ...createFlags,
  detach: toggle('Run container in background and print container ID', 'd'),
  'detach-keys': text('string', 'Override the key sequence for detaching a container'),
  explain: toggle('Afterwards, tell step by step what happened, with the figures of this run'),
  'sig-proxy': toggle('Proxy received signals to the process', undefined, true),
};

export const run = command({
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  aliases: ['container run', 'run'],
  flags,
  count: { min: 1 },
  interspersed: false,
  async run(context, { flags, positional }) {
    const [image = '', ...words] = positional;
    const attachment = attachmentOf(flags, flags.detach);
    if (flags['detach-keys'] !== undefined) checkKeys(flags['detach-keys']);
    if (flags.tty && attachment.stdin && context.in.isTTY !== true) {
      throw new ExitError(1, 'the input device is not a TTY');
    }
    const isHello = image === 'berth/hello' || image === 'berth/hello:latest';
    const story = flags.explain || isHello ? new RunStory(context, image) : undefined;
    const body = createBody(flags, image, words, attachment, context.environment);
    // The story reads the engine's trace after the end, so then it is this process that removes the container.
    const removeHere = story !== undefined && flags.rm && !flags.detach;
    if (removeHere && body.HostConfig) body.HostConfig.AutoRemove = false;

    const creation = await createContainer(context, flags, body);
    const { id } = creation;
    story?.created(creation);
    try {
      if (flags.detach) {
        await startDetached(context, id);
        await story?.tell(id, undefined);
        return 0;
      }
      const code = await runInForeground(context, id, {
        ...attachment,
        tty: flags.tty,
        detachKeys: flags['detach-keys'],
        proxySignals: flags['sig-proxy'],
        condition: flags.rm && !removeHere ? 'removed' : 'next-exit',
        onStarted: (milliseconds) => story?.started(milliseconds),
      });
      await story?.tell(id, code);
      return code;
    } catch (error) {
      if (error instanceof UsageError || error instanceof ExitError) throw error;
      throw new ExitError(
        startExitCode(error),
        `berth: ${error instanceof EngineRequestError ? 'Error: ' : ''}${explained(error)}`,
        { cause: error },
      );
    } finally {
      if (removeHere) await context.client.containers.remove(id, { force: true, volumes: true });
    }
  },
});

async function startDetached(context: CommandContext, id: string): Promise<void> {
  await context.client.containers.start(id, { signal: context.signal });
  context.out.write(`${id}\n`);
}

function checkKeys(keys: string): void {
  try {
    parseDetachKeys(keys);
  } catch (error) {
    throw new UsageError(`invalid argument "${keys}" for "--detach-keys" flag: ${messageOf(error)}`, 125);
  }
}
