import { command } from '../command';
import { text, toggle } from '../command-line/flag';
import { ExitError } from '../failure';
import { followSize, joinSession, terminalSize } from '../terminal/session';
import { proxySignals } from '../terminal/signals';

export const attach = command({
  usage: '[OPTIONS] CONTAINER',
  aliases: ['container attach', 'attach'],
  flags: {
    'detach-keys': text('string', 'Override the key sequence for detaching a container'),
    'no-stdin': toggle('Do not attach STDIN'),
    'sig-proxy': toggle('Proxy all received signals to the process', undefined, true),
  },
  count: { min: 1, max: 1 },
  async run(context, { flags, positional: [name = ''] }) {
    const { containers } = context.client;
    const { Id: id, State, Config } = await containers.inspect(name, { signal: context.signal });
    if (!State.Running) throw new ExitError(1, 'you cannot attach to a stopped container, start it first');
    if (State.Paused) throw new ExitError(1, 'you cannot attach to a paused container, unpause it first');
    const tty = Config.Tty === true;
    const stdin = Config.OpenStdin === true && !flags['no-stdin'];
    if (tty && stdin && context.in.isTTY !== true) throw new ExitError(1, 'the input device is not a TTY');
    const stop = new AbortController();
    const waiting = await containers.wait(id, { signal: stop.signal });
    // Settled below unless the user detaches first.
    waiting.exit.catch(() => undefined);
    const attached = await containers.attach(id, {
      stdin,
      detachKeys: flags['detach-keys'],
      signal: stop.signal,
    });
    context.takeSignals();
    const stopProxy =
      flags['sig-proxy'] && !tty
        ? proxySignals((signal) => containers.kill(id, signal), context.err)
        : () => undefined;
    const stopResizing =
      tty && terminalSize(context) !== undefined
        ? followSize(context, (size) => containers.resize(id, size))
        : () => undefined;
    try {
      const end = await joinSession(context, attached, { stdin, tty, detachKeys: flags['detach-keys'] });
      if (end === 'detached') {
        stop.abort();
        context.err.write('read escape sequence\n');
        return 0;
      }
      return (await waiting.exit).StatusCode;
    } finally {
      stopResizing();
      stopProxy();
    }
  },
});
