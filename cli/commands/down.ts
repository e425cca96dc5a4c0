import {
  ownEnvironment,
  removeEnvironment,
  stopEnvironment,
} from '../../core/devcontainer/close-environment';
import { command } from '../command';
import { toggle } from '../command-line/flag';

export const down = command({
  usage: '[OPTIONS] [PATH]',
  details: 'PATH is the folder (default: this one). Its files are never touched.',
  flags: { remove: toggle('Remove the container too') },
  count: { max: 1 },
  interspersed: true,
  async run({ client, out, signal }, { flags, positional }) {
    const folder = positional[0] ?? '.';
    const closed = flags.remove
      ? await removeEnvironment(client, folder, signal)
      : await stopEnvironment(client, folder, signal);
    for (const { name, changed } of closed) {
      out.write(`${name} ${flags.remove ? 'removed' : changed ? 'stopped' : 'was stopped already'}\n`);
    }
    return 0;
  },
});

export const own = command({
  usage: '[PATH]',
  details:
    'What root or another user inside makes in the project belongs to nobody outside. This makes it yours;\n' +
    'it also happens whenever the container stops.',
  flags: {},
  count: { max: 1 },
  async run({ client, out, signal }, { positional }) {
    const changed = await ownEnvironment(client, positional[0] ?? '.', signal);
    out.write(changed === 1 ? '1 file is yours now\n' : `${changed} files are yours now\n`);
    return 0;
  },
});
