/** IPv4 addresses as numbers, and blocks of them. */

export interface Block {
  /** First address. */
  readonly base: number;
  readonly prefix: number;
}

export function parseAddress(text: string): number {
  return text.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function blockSize(prefix: number): number {
  return 2 ** (32 - prefix);
}

export function parseBlock(text: string): Block {
  const [address = '', prefix = '32'] = text.split('/');
  const size = blockSize(Number(prefix));
  return { base: Math.floor(parseAddress(address) / size) * size, prefix: Number(prefix) };
}

export function formatBlock(block: Block): string {
  return `${formatAddress(block.base)}/${block.prefix}`;
}

export function overlap(a: Block, b: Block): boolean {
  return a.base < b.base + blockSize(b.prefix) && b.base < a.base + blockSize(a.prefix);
}
