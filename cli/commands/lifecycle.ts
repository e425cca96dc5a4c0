import { command } from '../command';
import { integer, text, toggle } from '../command-line/flag';
import { forEachName } from '../each-name';

const several = { usage: '[OPTIONS] CONTAINER [CONTAINER...]', count: { min: 1 } } as const;

const patience = {
  signal: text('string', 'Signal to send to the container', 's'),
  timeout: integer('Seconds to wait before killing the container', 't'),
  time: integer('Seconds to wait before killing the container'),
};

export const stop = command({
  ...several,
  aliases: ['container stop', 'stop'],
  flags: patience,
  run: (context, { flags, positional }) =>
    forEachName(context, positional, async (name) => {
      await context.client.containers.stop(name, {
        timeoutSeconds: flags.timeout ?? flags.time,
        stopSignal: flags.signal,
        signal: context.signal,
      });
      return name;
    }),
});

export const restart = command({
  ...several,
  aliases: ['container restart', 'restart'],
  flags: patience,
  run: (context, { flags, positional }) =>
    forEachName(context, positional, async (name) => {
      await context.client.containers.restart(name, {
        timeoutSeconds: flags.timeout ?? flags.time,
        stopSignal: flags.signal,
        signal: context.signal,
      });
      return name;
    }),
});

export const kill = command({
  ...several,
  aliases: ['container kill', 'kill'],
  flags: { signal: text('string', 'Signal to send to the container (default KILL)', 's') },
  run: (context, { flags, positional }) =>
    forEachName(context, positional, async (name) => {
      await context.client.containers.kill(name, flags.signal, { signal: context.signal });
      return name;
    }),
});

export const pause = command({
  usage: 'CONTAINER [CONTAINER...]',
  count: { min: 1 },
  aliases: ['container pause', 'pause'],
  flags: {},
  run: (context, { positional }) =>
    forEachName(context, positional, async (name) => {
      await context.client.containers.pause(name, { signal: context.signal });
      return name;
    }),
});

export const unpause = command({
  usage: 'CONTAINER [CONTAINER...]',
  count: { min: 1 },
  aliases: ['container unpause', 'unpause'],
  flags: {},
  run: (context, { positional }) =>
    forEachName(context, positional, async (name) => {
      await context.client.containers.unpause(name, { signal: context.signal });
      return name;
    }),
});

export const rm = command({
  ...several,
  aliases: ['container rm', 'container remove', 'rm'],
  flags: {
    force: toggle('Force the removal of a running container (uses SIGKILL)', 'f'),
    volumes: toggle('Remove anonymous volumes associated with the container', 'v'),
  },
  run: (context, { flags, positional }) =>
    forEachName(context, positional, async (name) => {
      await context.client.containers.remove(name, { ...flags, signal: context.signal });
      return name;
    }),
});

export const rename = command({
  usage: 'CONTAINER NEW_NAME',
  count: { min: 2, max: 2 },
  aliases: ['container rename', 'rename'],
  flags: {},
  async run(context, { positional: [from = '', to = ''] }) {
    await context.client.containers.rename(from, to, { signal: context.signal });
    return 0;
  },
});

export const wait = command({
  usage: 'CONTAINER [CONTAINER...]',
  count: { min: 1 },
  aliases: ['container wait', 'wait'],
  flags: {},
  run: (context, { positional }) =>
    forEachName(context, positional, async (name) => {
      const { exit } = await context.client.containers.wait(name, { signal: context.signal });
      return String((await exit).StatusCode);
    }),
});
