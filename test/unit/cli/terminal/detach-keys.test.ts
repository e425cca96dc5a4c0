import { describe, expect, it } from 'vitest';
import { DetachScanner, parseDetachKeys } from '../../../../cli/terminal/detach-keys';

const usual = parseDetachKeys('ctrl-p,ctrl-q');
const scan = (scanner: DetachScanner, ...pieces: string[]) =>
  pieces.map((piece) => {
    const { pass, detached } = scanner.scan(Buffer.from(piece, 'latin1'));
    return detached ? `${pass.toString('latin1')}|` : pass.toString('latin1');
  });

describe('detach keys', () => {
  it('are read in docker’s notation', () => {
    expect([...usual]).toEqual([16, 17]);
    expect([...parseDetachKeys('ctrl-@,a,ctrl-]')]).toEqual([0, 97, 29]);
    expect(() => parseDetachKeys('shift-a')).toThrow("Unknown character: 'shift-a'");
  });

  it('are found in one piece or in two, and not passed on', () => {
    expect(scan(new DetachScanner(usual), 'ab\x10\x11')).toEqual(['ab|']);
    expect(scan(new DetachScanner(usual), 'ab\x10', '\x11')).toEqual(['ab', '|']);
  });

  it('hold back only the beginning of themselves', () => {
    expect(scan(new DetachScanner(usual), '\x10', 'x', '\x10\x10', '\x11')).toEqual([
      '',
      '\x10x',
      '\x10',
      '|',
    ]);
  });
});
