import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { command } from '../command';
import { list, text } from '../command-line/flag';
import { ExitError } from '../failure';

export const importImage = command({
  usage: '[OPTIONS] file|- [REPOSITORY[:TAG]]',
  aliases: ['image import', 'import'],
  flags: {
    change: list('Apply Dockerfile instruction to the created image', 'c'),
    message: text('string', 'Set commit message for imported image', 'm'),
    platform: text('string', 'Set platform of the image'),
  },
  count: { min: 1, max: 2 },
  async run(context, { flags, positional: [file = '', repository] }) {
    if (/^https?:\/\//.test(file)) {
      throw new ExitError(
        1,
        'berth: Cannot import from a URL.\nDownload it first, then import the file; or pipe it: curl … | berth import - NAME',
      );
    }
    if (file === '-' && context.in.isTTY === true) {
      throw new ExitError(
        1,
        'berth: Standard input is a terminal.\nPipe a tar archive into it, or name a file.',
      );
    }
    if (file !== '-') await access(file);
    const source = file === '-' ? context.in : createReadStream(file);
    const id = await context.client.images.import(source, {
      repository,
      message: flags.message,
      changes: flags.change,
      platform: flags.platform,
      signal: context.signal,
    });
    context.out.write(`${id}\n`);
    return 0;
  },
});
