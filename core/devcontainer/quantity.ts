import { DevContainerError } from './error';

const powers: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Docker's sizes: `512m`, `1.5g`, `64MiB`; units are powers of 1024. Returns bytes. */
export function parseBytes(text: string, where: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([a-z]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const power = unit === undefined ? undefined : powers[unit.toLowerCase()];
  if (number === undefined || power === undefined) throw wrong(where, text, 'a size such as 512m or 2g');
  return Math.floor(Number(number) * 1024 ** power);
}

export function parseInteger(text: string, where: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw wrong(where, text, 'a whole number');
  return Number(text);
}

export function parseDecimal(text: string, where: string): number {
  if (!/^\d{1,15}(\.\d+)?$/.test(text)) throw wrong(where, text, 'a number such as 1.5');
  return Number(text);
}

export function parseBoolean(text: string, where: string): boolean {
  if (/^(true|t|1)$/i.test(text)) return true;
  if (/^(false|f|0)$/i.test(text)) return false;
  throw wrong(where, text, 'true or false');
}

function wrong(where: string, text: string, expected: string): DevContainerError {
  return new DevContainerError(
    'bad-run-argument',
    `${where}: "${text}" is not ${expected}`,
    undefined,
    'Correct it in devcontainer.json and try again.',
  );
}
