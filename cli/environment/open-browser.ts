import { spawn } from 'node:child_process';
import type { CommandContext } from '../command';

/** Opens an address in the user's browser where there is a desktop; false where there is none. */
export async function openBrowser(context: CommandContext, url: string): Promise<boolean> {
  const { environment } = context;
  if (!environment['DISPLAY'] && !environment['WAYLAND_DISPLAY']) return false;
  // Handed over by the desktop's own opener, which outlives this process.
  const opener = spawn('xdg-open', [url], { env: environment, stdio: 'ignore', detached: true });
  return new Promise((resolve) => {
    opener.once('error', () => resolve(false));
    opener.once('spawn', () => {
      opener.unref();
      resolve(true);
    });
  });
}
