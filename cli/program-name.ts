import { realpathSync } from 'node:fs';
import { dirname, join, relative, isAbsolute } from 'node:path';

/** The launcher of this very installation: `bin/berth` beside `lib/`, where the bundle lies. */
export const ownLauncher = join(dirname(__dirname), 'bin', 'berth');

const target = (path: string): string | undefined => {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // not there, or not to be seen: then it is no way to call it
  }
};

/** What somebody types to run this berth: its name if the PATH leads here, else the shorter of its paths, fit for a shell. */
export function programName(
  environment: Readonly<Record<string, string | undefined>>,
  launcher: string = ownLauncher,
  directory: string = process.cwd(),
): string {
  const own = target(launcher) ?? launcher;
  const found = (environment['PATH'] ?? '')
    .split(':')
    .filter((folder) => isAbsolute(folder))
    .map((folder) => target(join(folder, 'berth')))
    .find((path) => path !== undefined);
  if (found === own) return 'berth';
  const below = relative(directory, launcher);
  const path = below.startsWith('..') || isAbsolute(below) ? launcher : `./${below}`;
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
