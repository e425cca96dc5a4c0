import { EngineRequestError } from '../../core/error';
import { command } from '../command';
import { list, text, toggle } from '../command-line/flag';
import { ExitError } from '../failure';
import { collectVariables } from '../grammar/environment';
import { startExitCode } from '../terminal/foreground';
import { followSize, joinSession, terminalSize } from '../terminal/session';

export const exec = command({
  usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  aliases: ['container exec', 'exec'],
  flags: {
    detach: toggle('Detached mode: run command in the background', 'd'),
    'detach-keys': text('string', 'Override the key sequence for detaching a container'),
    env: list('Set environment variables', 'e'),
    'env-file': list('Read in a file of environment variables'),
    interactive: toggle('Keep STDIN open even if not attached', 'i'),
    privileged: toggle('Give extended privileges to the command'),
    tty: toggle('Allocate a pseudo-TTY', 't'),
    user: text('string', 'Username or UID (format: "<name|uid>[:<group|gid>]")', 'u'),
    workdir: text('string', 'Working directory inside the container', 'w'),
  },
  count: { min: 2 },
  interspersed: false,
  async run(context, { flags, positional }) {
    const [container = '', ...words] = positional;
    const { execs } = context.client;
    const stdin = flags.interactive && !flags.detach;
    if (flags.tty && stdin && context.in.isTTY !== true)
      throw new ExitError(1, 'the input device is not a TTY');
    const size = terminalSize(context);
    const consoleSize: { ConsoleSize?: [number, number] } =
      flags.tty && size !== undefined ? { ConsoleSize: [size.rows, size.columns] } : {};
    const { Id: id } = await execs.create(
      container,
      {
        User: flags.user,
        Privileged: flags.privileged,
        Tty: flags.tty,
        AttachStdin: stdin,
        AttachStdout: !flags.detach,
        AttachStderr: !flags.detach,
        Detach: flags.detach,
        DetachKeys: flags['detach-keys'],
        Env: collectVariables(flags['env-file'], flags.env, context.environment),
        WorkingDir: flags.workdir,
        Cmd: words,
        ...consoleSize,
      },
      { signal: context.signal },
    );
    if (flags.detach) {
      await execs.startDetached(id, { signal: context.signal });
      return 0;
    }
    const attached = await execs.start(id, { Tty: flags.tty, ...consoleSize }).catch((error: unknown) => {
      // A program that cannot be run is reported with the shell's codes, as for `run`.
      const code = startExitCode(error);
      if (error instanceof EngineRequestError && code !== 125) {
        throw new ExitError(code, `Error: ${error.message}`, { cause: error });
      }
      throw error;
    });
    // Ctrl-C ends an exec's client at once, as docker's does; with a terminal inside it is a key like any other.
    const stopResizing =
      flags.tty && size !== undefined ? followSize(context, (to) => execs.resize(id, to)) : () => undefined;
    const abort = () => attached.stream.destroy(new DOMException('interrupted', 'AbortError'));
    context.signal.addEventListener('abort', abort, { once: true });
    try {
      const end = await joinSession(context, attached, {
        stdin,
        tty: flags.tty,
        detachKeys: flags['detach-keys'],
      });
      if (end === 'detached') {
        context.err.write('read escape sequence\n');
        return 0;
      }
      return (await execs.inspect(id)).ExitCode ?? 0;
    } finally {
      context.signal.removeEventListener('abort', abort);
      stopResizing();
    }
  },
});
