import { PassThrough, type Duplex, type Readable, type Writable } from 'node:stream';
import { BerthError } from '../error';

/** Output of a container or exec. With a tty it is raw bytes, else stdcopy frames: `[type,0,0,0,length as 32 bit big endian]`. */
export interface OutputStream {
  readonly tty: boolean;
  readonly stream: Readable;
}

/** Output as above; what is written is stdin as raw bytes, `end()` is stdin's end. */
export interface AttachedStream {
  readonly tty: boolean;
  readonly stream: Duplex;
}

export type FrameKind = 'stdin' | 'stdout' | 'stderr' | 'system';
export interface Frame {
  readonly kind: FrameKind;
  readonly bytes: Buffer;
}

const kinds: readonly FrameKind[] = ['stdin', 'stdout', 'stderr', 'system'];
const headerLength = 8;

/** Takes bytes in any pieces and gives the payload as it comes: a large frame is passed on in several parts, never collected. */
export class FrameParser {
  #header = Buffer.alloc(headerLength);
  #have = 0;
  #kind: FrameKind = 'stdout';
  #left = 0;

  /** @throws BerthError when the bytes are no frames */
  *parse(chunk: Buffer): Generator<Frame> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left === 0) {
        const taken = chunk.copy(this.#header, this.#have, at, at + headerLength - this.#have);
        this.#have += taken;
        at += taken;
        if (this.#have < headerLength) return;
        this.#have = 0;
        this.#open();
        continue;
      }
      const bytes = chunk.subarray(at, at + this.#left);
      at += bytes.length;
      this.#left -= bytes.length;
      yield { kind: this.#kind, bytes };
    }
  }

  #open(): void {
    const kind = kinds[this.#header.readUInt8(0)];
    if (kind === undefined || this.#header.readUIntBE(1, 3) !== 0) {
      throw new BerthError(
        `The output stream is damaged (frame header ${this.#header.toString('hex')})`,
        'The helper and this client do not agree on whether there is a terminal.',
        'Run `berth doctor` to compare their versions.',
      );
    }
    this.#kind = kind;
    this.#left = this.#header.readUInt32BE(4);
  }
}

async function write(sink: Writable, bytes: Buffer): Promise<void> {
  if (sink.destroyed || sink.writableEnded) return;
  if (!sink.write(bytes)) await drained(sink);
}

/** Resolves when the sink takes more, or will never take any. */
function drained(sink: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      sink.off('drain', settle).off('close', settle).off('error', settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    sink.once('drain', settle).once('close', settle).once('error', settle);
  });
}

/**
 * Copies output to its sinks until it ends, with backpressure; the sinks stay open. With a tty all goes to `stdout`.
 * @throws BerthError for a message of the engine inside the stream (frame type 3), or damaged framing
 */
export async function copyOutput(output: OutputStream, stdout: Writable, stderr: Writable): Promise<void> {
  const parser = new FrameParser();
  for await (const chunk of output.stream as AsyncIterable<Buffer>) {
    if (output.tty) {
      await write(stdout, chunk);
      continue;
    }
    for (const { kind, bytes } of parser.parse(chunk)) {
      if (kind === 'system') {
        throw new BerthError(`error from daemon in stream: ${bytes.toString()}`, undefined, undefined);
      }
      await write(kind === 'stderr' ? stderr : stdout, bytes);
    }
  }
}

/** The two streams of an output, for callers that want to read rather than be written to. Errors destroy both. */
export function splitOutput(output: OutputStream): { stdout: Readable; stderr: Readable } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  copyOutput(output, stdout, stderr).then(
    () => {
      stdout.end();
      stderr.end();
    },
    (error: unknown) => {
      const reason = error instanceof Error ? error : new Error(String(error));
      stdout.destroy(reason);
      stderr.destroy(reason);
    },
  );
  return { stdout, stderr };
}
