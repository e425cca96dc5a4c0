import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { splitReference } from '../../../../core/engine/images';
import { drawBar, PlainProgress, TerminalProgress } from '../../../../cli/pull/progress';
import { canonicalName, familiarName, parseReference } from '../../../../cli/pull/reference';

describe('image names', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  it.each([
    ['redis', 'docker.io/library/redis:latest', 'redis:latest'],
    ['redis:7', 'docker.io/library/redis:7', 'redis:7'],
    ['me/app', 'docker.io/me/app:latest', 'me/app:latest'],
    ['docker.io/redis', 'docker.io/library/redis:latest', 'redis:latest'],
    ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
    ['localhost:5000/team/app:1', 'localhost:5000/team/app:1', 'localhost:5000/team/app:1'],
    [`ghcr.io/a/b@${digest}`, `ghcr.io/a/b@${digest}`, `ghcr.io/a/b@${digest}`],
  ])('%s', (text, canonical, familiar) => {
    expect(canonicalName(parseReference(text))).toBe(canonical);
    expect(familiarName(parseReference(text))).toBe(familiar);
  });

  it.each(['', 'Redis', 'a//b', 'a:', 'a@b', '-x', 'a:b c', `a@sha256:${'a'.repeat(63)}`])(
    '“%s” is none',
    (text) => {
      expect(() => parseReference(text)).toThrow('invalid reference format');
    },
  );

  it('are split for the wire at the tag or the digest', () => {
    expect(splitReference('localhost:5000/a')).toEqual({ repository: 'localhost:5000/a', tag: undefined });
    expect(splitReference('localhost:5000/a:1')).toEqual({ repository: 'localhost:5000/a', tag: '1' });
    expect(splitReference(`a:1@${digest}`)).toEqual({ repository: 'a', tag: digest });
  });
});

/** What a terminal would show after these bytes: cursor up and down, erase line, carriage return. */
function screen(bytes: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  for (const [, move, count, text] of bytes.matchAll(/\x1b\[(\d*)([ABK])|([^\x1b])/g)) {
    if (text === '\n') row++;
    else if (text === '\r') continue;
    else if (text !== undefined) lines[row] = (lines[row] ?? '') + text;
    else if (count === 'A') row -= Number(move);
    else if (count === 'B') row += Number(move);
    else lines[row] = '';
  }
  return lines.filter((line) => line !== '');
}

describe('progress', () => {
  const lines = [
    { status: 'Pulling from library/redis', id: '7' },
    { id: 'aaaaaaaaaaaa', status: 'Pulling fs layer', progressDetail: {} },
    { id: 'bbbbbbbbbbbb', status: 'Already exists', progressDetail: {} },
    { id: 'aaaaaaaaaaaa', status: 'Downloading', progressDetail: { current: 5e6, total: 1e7 } },
    { id: 'aaaaaaaaaaaa', status: 'Pull complete', progressDetail: {} },
    { status: 'Digest: sha256:1' },
  ];

  it('on a terminal is one line a layer', () => {
    const out = Object.assign(new PassThrough(), { columns: 100 });
    const view = new TerminalProgress(out);
    for (const line of lines) view.show(line);
    expect(screen(out.read()?.toString() as string)).toEqual([
      '7: Pulling from library/redis',
      'aaaaaaaaaaaa: Pull complete',
      'bbbbbbbbbbbb: Already exists',
      'Digest: sha256:1',
    ]);
  });

  it('elsewhere is every change of state, without bars', () => {
    const out = new PassThrough();
    const view = new PlainProgress(out);
    for (const line of [...lines.slice(0, 4), lines[3]!, ...lines.slice(4)]) view.show(line);
    expect(out.read()?.toString()).toBe(
      '7: Pulling from library/redis\naaaaaaaaaaaa: Pulling fs layer\nbbbbbbbbbbbb: Already exists\naaaaaaaaaaaa: Pull complete\nDigest: sha256:1\n',
    );
  });

  it('bars never exceed their frame', () => {
    expect(drawBar(2, 1, 100)).toBe(`[${'='.repeat(50)}]       1B/1B`);
    expect(drawBar(1, 2, 50)).toBe('[=====>    ]       1B/2B');
    expect(drawBar(1, 2, 20)).toBe('      1B/2B');
    expect(drawBar(5, undefined, 100)).toBe('5B');
  });
});
