/** Reads a container's binary log (PROTOCOL.md, "Log file") as Docker's log streams: tail, since, until, follow, timestamps. */
import { watch } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogRequest } from '../api/services';
import { rfc3339 } from '../clock';

const recordHeader = 13;
const readSize = 256 * 1024;
const newline = 0x0a;
const nsPerSecond = 1e9;

/** A line, or the part of one that was written at once. */
interface Line {
  readonly atNs: bigint;
  readonly stream: number;
  readonly bytes: Buffer;
  /** It continues a line of the same stream. */
  readonly continues: boolean;
}

export interface LogSource {
  readonly directory: string;
  readonly tty: boolean;
  /** Whether more may come. */
  alive(): boolean;
  /** Settles at the next exit. */
  exit(signal: AbortSignal): Promise<unknown>;
}

/** Cuts records out of the bytes and lines out of the records. */
class LineParser {
  private rest: Buffer = Buffer.alloc(0);
  private readonly open = new Set<number>();

  *parse(chunk: Buffer): Generator<Line> {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (this.rest.length - at >= recordHeader) {
      const length = this.rest.readUInt32LE(at + 9);
      if (this.rest.length - at < recordHeader + length) break;
      const atNs = this.rest.readBigUInt64LE(at);
      const stream = this.rest.readUInt8(at + 8);
      yield* this.lines(atNs, stream, this.rest.subarray(at + recordHeader, at + recordHeader + length));
      at += recordHeader + length;
    }
    this.rest = Buffer.from(this.rest.subarray(at));
  }

  private *lines(atNs: bigint, stream: number, bytes: Buffer): Generator<Line> {
    for (let from = 0; from < bytes.length;) {
      const found = bytes.indexOf(newline, from);
      const to = found < 0 ? bytes.length : found + 1;
      yield { atNs, stream, bytes: bytes.subarray(from, to), continues: this.open.has(stream) };
      if (found < 0) this.open.add(stream);
      else this.open.delete(stream);
      from = to;
    }
  }
}

async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function* chunks(file: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(readSize);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, readSize, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Oldest first: `log.3`, `log.2`, `log.1`. */
async function rotatedLogs(directory: string): Promise<string[]> {
  const numbers = (await readdir(directory))
    .flatMap((name) => /^log\.(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number);
  return numbers.sort((a, b) => b - a).map((number) => join(directory, `log.${number}`));
}

/** All lines that are there, then (to follow) those that come. Rotation is noticed by the file's inode. */
class LogReader {
  private current: FileHandle | undefined;
  private readonly parser = new LineParser();

  constructor(private readonly source: LogSource) {}

  async *existing(): AsyncGenerator<Line> {
    const path = join(this.source.directory, 'log');
    // Opened first: if it is rotated meanwhile, it is still this file that is read here.
    this.current = await openLog(path);
    for (const rotated of await rotatedLogs(this.source.directory)) {
      const file = await openLog(rotated);
      if (file === undefined) continue;
      try {
        if (!(await this.isCurrent(file)))
          for await (const chunk of chunks(file)) yield* this.parser.parse(chunk);
      } finally {
        await file.close();
      }
    }
    yield* this.advance();
  }

  /** What was added since. */
  async *advance(): AsyncGenerator<Line> {
    const path = join(this.source.directory, 'log');
    this.current ??= await openLog(path);
    while (this.current !== undefined) {
      for await (const chunk of chunks(this.current)) yield* this.parser.parse(chunk);
      const latest = await openLog(path);
      if (latest === undefined) return;
      if (await this.isCurrent(latest)) {
        await latest.close();
        return;
      }
      // The last bytes may have come between the read and the rotation.
      for await (const chunk of chunks(this.current)) yield* this.parser.parse(chunk);
      await this.current.close();
      this.current = latest;
    }
  }

  async close(): Promise<void> {
    await this.current?.close();
    this.current = undefined;
  }

  private async isCurrent(file: FileHandle): Promise<boolean> {
    if (this.current === undefined) return false;
    const [mine, other] = await Promise.all([
      this.current.stat({ bigint: true }),
      file.stat({ bigint: true }),
    ]);
    return mine.ino === other.ino;
  }
}

function frame(line: Line, tty: boolean, timestamps: boolean): Buffer {
  const stamp =
    timestamps && !line.continues ? Buffer.from(`${rfc3339(line.atNs, 'fixed')} `) : Buffer.alloc(0);
  if (tty) return Buffer.concat([stamp, line.bytes]);
  const header = Buffer.alloc(8);
  header.writeUInt8(line.stream, 0);
  header.writeUInt32BE(stamp.length + line.bytes.length, 4);
  return Buffer.concat([header, stamp, line.bytes]);
}

/** The last `count` lines; parts of one line count once. */
async function tailOf(lines: AsyncIterable<Line>, count: number): Promise<Line[]> {
  const kept: Line[] = [];
  let whole = 0;
  for await (const line of lines) {
    if (count === 0) continue;
    kept.push({ ...line, bytes: Buffer.from(line.bytes) });
    if (!line.continues) whole += 1;
    while (whole > count) {
      kept.shift();
      whole -= 1;
      while (kept[0]?.continues === true) kept.shift();
    }
  }
  return kept;
}

/** Settles when the directory changes, the container ends, or the client goes. */
async function change(source: LogSource, signal: AbortSignal, ready: () => Promise<boolean>): Promise<void> {
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  const watcher = watch(source.directory, { persistent: false, signal: either });
  const changed = new Promise<void>((resolve) => {
    watcher.on('change', () => {
      resolve();
    });
    watcher.on('error', () => {
      resolve();
    });
    watcher.on('close', () => {
      resolve();
    });
  });
  try {
    // Looked at when both are watched: neither a change nor an end that comes meanwhile is missed.
    const ended = source.exit(either);
    if (!(await ready())) await Promise.race([changed, ended]);
  } finally {
    done.abort();
  }
}

export async function* readLog(source: LogSource, request: LogRequest): AsyncGenerator<Buffer> {
  const sinceNs = BigInt(Math.round(request.since * nsPerSecond));
  const untilNs = request.until === undefined ? undefined : BigInt(Math.round(request.until * nsPerSecond));
  const wanted = (line: Line) =>
    (line.stream === 2 ? request.stderr : request.stdout) &&
    line.atNs >= sinceNs &&
    (untilNs === undefined || line.atNs <= untilNs);
  const filtered = async function* (lines: AsyncIterable<Line>): AsyncGenerator<Line> {
    for await (const line of lines) if (wanted(line)) yield line;
  };
  const reader = new LogReader(source);
  const path = join(source.directory, 'log');
  try {
    const existing = filtered(reader.existing());
    const first = request.tail === 'all' ? existing : await tailOf(existing, Math.max(0, request.tail));
    for await (const line of first) yield frame(line, source.tty, request.timestamps);
    while (request.follow && !request.signal.aborted) {
      const more = source.alive();
      const sizeBefore = await sizeOf(path);
      for await (const line of filtered(reader.advance())) yield frame(line, source.tty, request.timestamps);
      if (!more) return;
      await change(
        source,
        request.signal,
        async () => !source.alive() || (await sizeOf(path)) !== sizeBefore,
      );
    }
  } finally {
    await reader.close();
  }
}

async function sizeOf(path: string): Promise<string> {
  try {
    const { ino, size } = await stat(path);
    return `${ino}:${size}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
