import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../../../cli/commands/images';
import { portList } from '../../../../cli/commands/ps';
import { printList, type Column } from '../../../../cli/format/table';
import { ago, binarySize, ellipsis, humanDuration, humanSize, shortId } from '../../../../cli/format/units';

const columns: readonly Column<{ id: string; name: string }>[] = [
  { name: 'ID', header: 'CONTAINER ID', value: (row) => row.id },
  { name: 'Names', header: 'NAMES', value: (row) => row.name },
];
const rows = [
  { id: 'a', name: 'first' },
  { id: 'bcd', name: 'second' },
];
const shown = (format: string | undefined) => {
  const out = new PassThrough();
  printList(out, rows, columns, ['ID', 'Names'], format);
  return out.read()?.toString() as string;
};

describe('a list', () => {
  it('is a table by default', () => {
    expect(shown(undefined)).toBe('CONTAINER ID   NAMES\na              first\nbcd            second\n');
  });

  it('is what the format says', () => {
    expect(shown('{{.Names}}')).toBe('first\nsecond\n');
    expect(shown('json')).toBe('{"ID":"a","Names":"first"}\n{"ID":"bcd","Names":"second"}\n');
    expect(shown('{{json .}}')).toBe('{"ID":"a","Names":"first"}\n{"ID":"bcd","Names":"second"}\n');
    expect(shown('table {{.Names}}\\t{{.ID}}')).toBe('NAMES    CONTAINER ID\nfirst    a\nsecond   bcd\n');
    expect(() => shown('{{.Nope}}')).toThrow('known are ID, Names');
  });
});

describe('numbers for people', () => {
  it('sizes', () => {
    expect([0, 999, 4_261_502, 1_000_000, 187_654_321].map(humanSize)).toEqual([
      '0B',
      '999B',
      '4.26MB',
      '1MB',
      '188MB',
    ]);
    expect(binarySize(64 * 2 ** 20)).toBe('64MiB');
    expect(binarySize(1_900_000_000)).toBe('1.77GiB');
  });

  it('times', () => {
    const seconds = [0, 1, 59, 60, 61, 150, 3600, 7200, 50 * 3600, 15 * 86_400, 100 * 86_400, 800 * 86_400];
    expect(seconds.map(humanDuration)).toEqual([
      'Less than a second',
      '1 second',
      '59 seconds',
      'About a minute',
      'About a minute',
      '2 minutes',
      'About an hour',
      '2 hours',
      '2 days',
      '2 weeks',
      '3 months',
      '2 years',
    ]);
    expect(ago(0)).toBe('N/A');
  });

  it('ids and long texts', () => {
    expect(shortId(`sha256:${'a'.repeat(64)}`)).toBe('aaaaaaaaaaaa');
    expect(ellipsis('a long command line', 10)).toBe('a long co…');
  });
});

it('ports are listed as docker lists them', () => {
  expect(
    portList([
      { PrivatePort: 9000, Type: 'tcp' },
      { IP: '127.0.0.1', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::1', PrivatePort: 80, PublicPort: 8081, Type: 'tcp' },
    ]),
  ).toBe('127.0.0.1:8080->80/tcp, [::1]:8081->80/tcp, 9000/tcp');
});

it('an image has a line for each of its names', () => {
  const image = (RepoTags: string[], RepoDigests: string[]) => ({
    Id: 'sha256:1',
    ParentId: '',
    RepoTags,
    RepoDigests,
    Created: 1,
    Size: 1,
    SharedSize: -1,
    Containers: -1,
    Labels: null,
  });
  const names = (tags: string[], digests: string[]) =>
    rowsOf(image(tags, digests)).map((row) => `${row.repository} ${row.tag} ${row.digest}`);
  expect(names(['localhost:5000/a:1', 'b:2'], ['b@sha256:x'])).toEqual([
    'localhost:5000/a 1 <none>',
    'b 2 sha256:x',
  ]);
  expect(names([], ['b@sha256:x'])).toEqual(['b <none> sha256:x']);
  expect(names([], [])).toEqual(['<none> <none> <none>']);
});
