/** The encoding of PROTOCOL.md: little-endian integers, length-prefixed bytes, counted lists. */
import { EngineError } from '../error';

const initialSize = 512;

/** Appends values one after another; `take()` gives the bytes. Numbers out of range throw a RangeError. */
export class Writer {
  private buffer = Buffer.allocUnsafe(initialSize);
  private length = 0;

  private reserve(size: number): number {
    const at = this.length;
    if (at + size > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, at + size));
      this.buffer.copy(grown, 0, 0, at);
      this.buffer = grown;
    }
    this.length = at + size;
    return at;
  }

  u8(value: number): this {
    const at = this.reserve(1);
    this.buffer.writeUInt8(value, at);
    return this;
  }
  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }
  u16(value: number): this {
    const at = this.reserve(2);
    this.buffer.writeUInt16LE(value, at);
    return this;
  }
  u32(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeUInt32LE(value, at);
    return this;
  }
  i32(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeInt32LE(value, at);
    return this;
  }
  u64(value: number | bigint): this {
    const at = this.reserve(8);
    this.buffer.writeBigUInt64LE(BigInt(value), at);
    return this;
  }
  i64(value: number | bigint): this {
    const at = this.reserve(8);
    this.buffer.writeBigInt64LE(BigInt(value), at);
    return this;
  }
  str(value: string | Uint8Array): this {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    this.u32(bytes.length);
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }
  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.u32(items.length);
    for (const item of items) write(item);
    return this;
  }
  strs(items: readonly string[]): this {
    return this.list(items, (item) => this.str(item));
  }
  take(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}

/** Reads what Writer wrote. Bytes that are missing, or left over at `end()`, are an EngineError 500 `protocol`. */
export class Reader {
  private at = 0;
  constructor(private readonly bytes: Buffer) {}

  private advance(size: number): number {
    const at = this.at;
    if (size > this.bytes.length - at) throw malformed('ends too early');
    this.at = at + size;
    return at;
  }

  u8(): number {
    return this.bytes.readUInt8(this.advance(1));
  }
  bool(): boolean {
    return this.u8() !== 0;
  }
  u16(): number {
    return this.bytes.readUInt16LE(this.advance(2));
  }
  u32(): number {
    return this.bytes.readUInt32LE(this.advance(4));
  }
  i32(): number {
    return this.bytes.readInt32LE(this.advance(4));
  }
  u64(): bigint {
    return this.bytes.readBigUInt64LE(this.advance(8));
  }
  i64(): bigint {
    return this.bytes.readBigInt64LE(this.advance(8));
  }
  /** A u64 that is a count or a size; beyond 2^53 it loses precision, never sign. */
  size(): number {
    return Number(this.u64());
  }
  raw(): Buffer {
    const length = this.u32();
    const at = this.advance(length);
    return this.bytes.subarray(at, at + length);
  }
  str(): string {
    return this.raw().toString('utf8');
  }
  /** @param minimum the least number of bytes that an item takes: bounds the count before anything is allocated */
  list<T>(minimum: number, read: () => T): T[] {
    const count = this.u32();
    if (count > (this.bytes.length - this.at) / minimum) throw malformed('holds an impossible count');
    return Array.from({ length: count }, read);
  }
  strs(): string[] {
    return this.list(4, () => this.str());
  }
  rest(): Buffer {
    return this.bytes.subarray(this.at);
  }
  end(): void {
    if (this.at !== this.bytes.length) throw malformed('has unknown bytes at its end');
  }
}

function malformed(what: string): EngineError {
  return new EngineError(
    500,
    'protocol',
    `A message of the warden or a monitor ${what}: berthd and its native parts are of different versions. Reinstall the helper.`,
  );
}
