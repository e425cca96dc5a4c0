/** A stream that can be handed out before what is behind it exists: an attach before the container starts. */
import { Duplex } from 'node:stream';
import type { DetachKeys } from './detach-keys';

/**
 * Until `join` nothing can be read, and what is written waits (one chunk, then backpressure). `join(undefined)` ends it: there will be nothing.
 * With detach keys, typing them ends the stream and nothing else.
 */
export class DeferredStream extends Duplex {
  private inner: Duplex | undefined;
  private joined = false;
  private wantsData = false;
  private waiting: (() => void) | undefined;

  constructor(private readonly detachKeys?: DetachKeys) {
    super({ allowHalfOpen: true });
  }

  join(inner: Duplex | undefined): void {
    if (this.joined) {
      inner?.destroy();
      return;
    }
    this.joined = true;
    this.inner = inner;
    if (inner === undefined) this.push(null);
    else this.follow(inner);
    this.waiting?.();
    this.waiting = undefined;
  }

  private follow(inner: Duplex): void {
    inner.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) inner.pause();
    });
    inner.on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => {
      if (!inner.readableEnded) this.push(null);
    });
    if (!this.wantsData) inner.pause();
  }

  private whenJoined(work: () => void): void {
    if (this.joined) work();
    else this.waiting = work;
  }

  override _read(): void {
    this.wantsData = true;
    this.inner?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { pass, detached } = this.detachKeys?.scan(chunk) ?? { pass: chunk, detached: false };
    this.whenJoined(() => {
      const { inner } = this;
      if (detached) {
        inner?.destroy();
        this.push(null);
        done();
      } else if (inner === undefined || inner.destroyed || inner.writableEnded || pass.length === 0) done();
      else
        inner.write(pass, () => {
          done();
        });
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.whenJoined(() => {
      this.inner?.end();
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.joined = true;
    this.waiting?.();
    this.waiting = undefined;
    this.inner?.destroy();
    done(error);
  }
}
