/** The stdio of a container or exec as a stream: stdcopy frames of the monitor on one side, what a Docker client expects on the other. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const headerSize = 8;
const exitStream = 4;
/** Stdin travels in frames of at most this size, so that the monitor never has to hold more. */
const maxInputFrame = 64 * 1024;

export interface MonitorStreamOptions {
  /** A tty's output is raw bytes; otherwise the frames go through as they are. */
  readonly tty: boolean;
  /** What is written goes to stdin; otherwise it is thrown away, and the end of writing means nothing. */
  readonly stdin: boolean;
  /** Called before the stream ends, with an exec's exit code. */
  readonly onExit?: (exitCode: number) => void;
  /** After this end is destroyed the output is thrown away but read on, so that the exit code is still learnt. */
  readonly outlivesClient?: boolean;
}

/**
 * What is written is stdin as raw bytes; the end of writing is stdin's end. What is read ends when all output has been delivered.
 * Destroying it disconnects from the monitor; the process goes on.
 */
export class MonitorStream extends Duplex {
  private header = Buffer.allocUnsafe(headerSize);
  private headerFill = 0;
  private payloadLeft = 0;
  private payloadStream = 0;
  private exitBytes: Buffer[] = [];

  constructor(
    private readonly socket: Socket,
    private readonly mode: MonitorStreamOptions,
  ) {
    super({ allowHalfOpen: true });
    socket.on('data', (chunk: Buffer) => {
      this.accept(chunk);
    });
    socket.on('end', () => {
      this.push(null);
      socket.end();
    });
    socket.on('close', () => {
      if (!this.readableEnded) this.push(null);
    });
    socket.on('error', (error) => {
      // The monitor is gone together with the process: the output is complete as far as it ever will be.
      if ('code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET')) this.push(null);
      else this.destroy(error);
    });
    socket.pause();
  }

  private accept(chunk: Buffer): void {
    const out: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.payloadLeft === 0) {
        const part = Math.min(headerSize - this.headerFill, chunk.length - at);
        chunk.copy(this.header, this.headerFill, at, at + part);
        this.headerFill += part;
        at += part;
        if (this.headerFill < headerSize) break;
        this.headerFill = 0;
        this.payloadStream = this.header.readUInt8(0);
        this.payloadLeft = this.header.readUInt32BE(4);
        if (!this.mode.tty && this.payloadStream !== exitStream) out.push(Buffer.from(this.header));
        continue;
      }
      const part = Math.min(this.payloadLeft, chunk.length - at);
      const bytes = chunk.subarray(at, at + part);
      at += part;
      this.payloadLeft -= part;
      if (this.payloadStream !== exitStream) out.push(bytes);
      else this.takeExit(bytes);
    }
    if (!this.destroyed && out.length > 0 && !this.push(out.length === 1 ? out[0] : Buffer.concat(out)))
      this.socket.pause();
  }

  private takeExit(bytes: Buffer): void {
    this.exitBytes.push(Buffer.from(bytes));
    if (this.payloadLeft === 0) this.mode.onExit?.(Buffer.concat(this.exitBytes).readInt32LE(0));
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!this.mode.stdin || this.socket.destroyed || this.socket.writableEnded) {
      done();
      return;
    }
    this.socket.cork();
    let room = true;
    for (let at = 0; at < chunk.length; at += maxInputFrame) {
      const bytes = chunk.subarray(at, at + maxInputFrame);
      this.socket.write(inputHeader(bytes.length));
      room = this.socket.write(bytes);
    }
    this.socket.uncork();
    if (room) done();
    else this.whenDrained(done);
  }

  private whenDrained(done: () => void): void {
    const settle = () => {
      this.socket.off('drain', settle);
      this.socket.off('close', settle);
      done();
    };
    this.socket.once('drain', settle);
    this.socket.once('close', settle);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.mode.stdin && !this.socket.destroyed) this.socket.write(inputHeader(0));
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.mode.outlivesClient === true) this.socket.resume();
    else this.socket.destroy();
    done(error);
  }
}

function inputHeader(length: number): Buffer {
  const header = Buffer.alloc(headerSize);
  header.writeUInt32BE(length, 4);
  return header;
}
