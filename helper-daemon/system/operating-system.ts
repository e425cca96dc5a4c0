/** The name of the host's system, as it calls itself. */
import { readFileSync } from 'node:fs';

export interface OperatingSystem {
  readonly name: string;
  readonly version: string;
}

export function operatingSystem(file = '/etc/os-release'): OperatingSystem {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { name: 'Linux', version: '' };
    throw error;
  }
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return { name: value('PRETTY_NAME') || 'Linux', version: value('VERSION_ID') };
}
