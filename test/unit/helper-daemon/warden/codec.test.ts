import { describe, expect, it } from 'vitest';
import { Reader, Writer } from '../../../../helper-daemon/warden/codec';
import { encodePlan } from '../../../../helper-daemon/warden/launch-plan';
import { samplePlan } from './sample-plan';

describe('codec', () => {
  it('reads back what it wrote, in order, over the growth of its buffer', () => {
    const long = 'ü'.repeat(5000);
    const bytes = new Writer()
      .u8(255)
      .bool(true)
      .u16(65535)
      .u32(4294967295)
      .i32(-2)
      .u64(2n ** 64n - 1n)
      .i64(-1)
      .str(long)
      .strs(['a', ''])
      .take();
    const reader = new Reader(bytes);
    expect([reader.u8(), reader.bool(), reader.u16(), reader.u32(), reader.i32()]).toEqual([
      255,
      true,
      65535,
      4294967295,
      -2,
    ]);
    expect([reader.u64(), reader.i64(), reader.str(), reader.strs()]).toEqual([
      2n ** 64n - 1n,
      -1n,
      long,
      ['a', ''],
    ]);
    reader.end();
  });

  it('is little-endian with length-prefixed bytes', () => {
    expect(new Writer().u16(0x0102).str('ab').take().toString('hex')).toBe('0201020000006162');
  });

  it('refuses what is cut, what is left over, and counts that cannot be', () => {
    expect(() => new Reader(Buffer.from([4, 0, 0, 0, 1])).str()).toThrow(/ends too early/);
    expect(() => new Reader(Buffer.from([255, 255, 255, 127])).strs()).toThrow(/impossible count/);
    expect(() => new Reader(Buffer.from([1])).end()).toThrow(/unknown bytes/);
  });

  it('writes a launch plan field by field as the protocol lists them', () => {
    const reader = new Reader(encodePlan(samplePlan));
    expect([reader.str(), reader.str(), reader.str(), reader.u32(), reader.u32(), reader.u32()]).toEqual([
      samplePlan.id,
      samplePlan.containerDir,
      samplePlan.monitorSocket,
      samplePlan.flags,
      samplePlan.idBase,
      samplePlan.idSize,
    ]);
    expect([reader.strs(), reader.str(), reader.str()]).toEqual([
      samplePlan.layers,
      samplePlan.hostname,
      samplePlan.domainname,
    ]);
    expect([reader.u8(), reader.u8(), reader.u8(), reader.u8(), reader.u8()]).toEqual([0, 0, 0, 0, 0]);
    expect([reader.str(), reader.str(), reader.u8(), reader.str(), reader.str()]).toEqual([
      'br-00000000',
      '172.17.0.2',
      22,
      '172.17.0.1',
      '02:42:ac:11:00:02',
    ]);
    expect(reader.list(9, () => [reader.u8(), reader.str(), reader.u16(), reader.u16()])).toEqual([
      [6, '127.0.0.1', 0, 80],
    ]);
    expect([reader.strs(), reader.strs(), reader.strs(), reader.str()]).toEqual([[], [], [], '/run/names']);
    expect(reader.list(8, () => [reader.str(), reader.str()])).toEqual([['10.0.0.1', 'db']]);
    expect(
      reader.list(26, () => [
        reader.u8(),
        reader.str(),
        reader.str(),
        reader.u32(),
        reader.u8(),
        reader.u64(),
        reader.u32(),
      ]),
    ).toEqual([[0, '/src', '/dst', 3, 1, 0n, 0o1777]]);
    expect([
      reader.u32(),
      reader.u32(),
      reader.list(4, () => reader.u32()),
      reader.bool(),
      reader.str(),
    ]).toEqual([1000, 1000, [27], false, 'vscode']);
    expect([
      reader.strs(),
      reader.strs(),
      reader.str(),
      reader.str(),
      reader.strs(),
      reader.u16(),
      reader.u16(),
    ]).toEqual([['sh'], ['A=b'], '/', '', [], 24, 80]);
    expect(reader.u64()).toBe(0xa80425fbn);
    expect(reader.list(20, () => [reader.u32(), reader.u64(), reader.u64()])).toEqual([[7, 1024n, 2048n]]);
    expect([reader.i32(), reader.u32(), reader.raw().length, reader.strs(), reader.strs()]).toEqual([
      0,
      0o022,
      8,
      ['/proc/kcore'],
      ['/proc/sys'],
    ]);
    expect(reader.list(8, () => [reader.str(), reader.str()])).toEqual([['net.ipv4.ip_forward', '1']]);
    expect(reader.list(12, () => [reader.str(), reader.str(), reader.str()])).toEqual([]);
    expect([
      reader.i64(),
      reader.i64(),
      reader.i64(),
      reader.u64(),
      reader.u64(),
      reader.i64(),
      reader.str(),
      reader.str(),
      reader.i64(),
    ]).toEqual([64n, -1n, 0n, 0n, 0n, 0n, '', '', 5n]);
    expect([reader.str(), reader.u64(), reader.u64(), reader.u32(), reader.u64()]).toEqual([
      'berth/i/x',
      1n,
      2n,
      3,
      4n,
    ]);
    reader.end();
  });
});
