import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDuration, parseTimestamp } from '../../../../cli/grammar/duration';
import { collectVariables, readVariableFile, toMap } from '../../../../cli/grammar/environment';
import {
  parseCapability,
  parseDevice,
  parseExtraHost,
  parseGpus,
  parseRestart,
  parseUlimit,
} from '../../../../cli/grammar/resource';
import { parseCpus, parseSize, parseSizeOrUnlimited } from '../../../../cli/grammar/size';

describe('sizes and numbers', () => {
  it.each([
    ['1024', 1024],
    ['64m', 64 << 20],
    ['64M', 64 << 20],
    ['64MB', 64 << 20],
    ['1.5g', 1.5 * 2 ** 30],
    ['2GiB', 2 ** 31],
    ['10k', 10240],
  ])('%s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['', 'm', '-1', '1x', '1.m', '1e3'])('“%s” is no size', (text) => {
    expect(() => parseSize(text)).toThrow(`invalid size: '${text}'`);
  });

  it('knows “no limit”, and parts of CPUs', () => {
    expect(parseSizeOrUnlimited('-1')).toBe(-1);
    expect(parseCpus('0.5')).toBe(500_000_000);
    expect(parseCpus('.25')).toBe(250_000_000);
    expect(() => parseCpus('half')).toThrow('number of CPUs');
    expect(() => parseCpus('0.0001')).toThrow();
  });
});

describe('times', () => {
  it('reads Go’s durations', () => {
    expect(parseDuration('1m30s')).toBe(90e9);
    expect(parseDuration('1.5h')).toBe(5400e9);
    expect(parseDuration('250ms')).toBe(250e6);
    expect(() => parseDuration('5 minutes')).toThrow('not a duration');
    expect(() => parseDuration('5')).toThrow();
  });

  it('reads moments in every form', () => {
    expect(parseTimestamp('1700000000.5')).toBe(1_700_000_000.5);
    expect(parseTimestamp('10m', 1000)).toBe(400);
    expect(parseTimestamp('2026-01-02T13:23:37Z')).toBe(Date.UTC(2026, 0, 2, 13, 23, 37) / 1000);
    expect(parseTimestamp('2026-01-02')).toBe(new Date(2026, 0, 2).getTime() / 1000);
    expect(() => parseTimestamp('yesterday')).toThrow('neither a time');
  });
});

describe('environment', () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-env-'));
  const file = join(directory, 'env');
  afterAll(() => rmSync(directory, { recursive: true }));

  it('takes values from the caller, files first, the last of a name wins', () => {
    writeFileSync(file, '# comment\n\nA=file\nB=with spaces and "quotes"\nHOST\r\nNOT_SET\n');
    expect(readVariableFile(file, { HOST: 'h' })).toEqual(['A=file', 'B=with spaces and "quotes"', 'HOST=h']);
    expect(collectVariables([file], ['A=flag', 'EMPTY=', 'GONE'], { HOST: 'h' })).toEqual([
      'A=flag',
      'B=with spaces and "quotes"',
      'HOST=h',
      'EMPTY=',
    ]);
  });

  it('names the line that is wrong', () => {
    writeFileSync(file, 'A=1\nB C=2\n');
    expect(() => readVariableFile(file, {})).toThrow(`${file}, line 2: variable 'B C' contains whitespaces`);
    expect(() => readVariableFile(join(directory, 'none'), {})).toThrow('ENOENT');
    expect(() => collectVariables([], ['=x'], {})).toThrow('invalid environment variable');
  });

  it('splits labels at the first equals sign', () => {
    expect(toMap(['a=b=c', 'flag'])).toEqual({ a: 'b=c', flag: '' });
  });
});

describe('resources', () => {
  it('ulimits', () => {
    expect(parseUlimit('nofile=1024:2048')).toEqual({ Name: 'nofile', Soft: 1024, Hard: 2048 });
    expect(parseUlimit('core=-1')).toEqual({ Name: 'core', Soft: -1, Hard: -1 });
    expect(() => parseUlimit('nofile=2:1')).toThrow('less than or equal');
    expect(() => parseUlimit('nofile')).toThrow('invalid ulimit');
  });

  it('devices', () => {
    expect(parseDevice('/dev/fuse')).toEqual({
      PathOnHost: '/dev/fuse',
      PathInContainer: '/dev/fuse',
      CgroupPermissions: 'rwm',
    });
    expect(parseDevice('/dev/a:r')).toMatchObject({ PathInContainer: '/dev/a', CgroupPermissions: 'r' });
    expect(parseDevice('/dev/a:/dev/b:rw')).toMatchObject({
      PathInContainer: '/dev/b',
      CgroupPermissions: 'rw',
    });
    expect(() => parseDevice('/dev/a:/dev/b:xyz')).toThrow('invalid device');
  });

  it('restart policies', () => {
    expect(parseRestart('on-failure:3')).toEqual({ Name: 'on-failure', MaximumRetryCount: 3 });
    expect(parseRestart('always')).toEqual({ Name: 'always', MaximumRetryCount: 0 });
    for (const text of ['sometimes', 'always:3', 'on-failure:x']) expect(() => parseRestart(text)).toThrow();
  });

  it('gpus, capabilities, hosts', () => {
    expect(parseGpus('all')).toEqual({ Count: -1, Capabilities: [['gpu']] });
    expect(parseGpus('"device=0,1",driver=nvidia')).toEqual({
      DeviceIDs: ['0', '1'],
      Driver: 'nvidia',
      Capabilities: [['gpu']],
    });
    expect(parseCapability('sys_ptrace')).toBe('CAP_SYS_PTRACE');
    expect(parseCapability('all')).toBe('ALL');
    expect(parseExtraHost('db=10.0.0.1')).toBe('db:10.0.0.1');
    expect(parseExtraHost('six:[::1]')).toBe('six:::1');
    expect(() => parseExtraHost('alone')).toThrow('bad format for add-host');
  });
});
