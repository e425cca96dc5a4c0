import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { copyOutput, FrameParser, splitOutput } from '../../../../core/engine/stdcopy';

function frame(kind: number, payload: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(Buffer.byteLength(payload), 4);
  return Buffer.concat([header, Buffer.from(payload)]);
}

const two = Buffer.concat([frame(1, 'out'), frame(2, ''), frame(2, 'err'), frame(1, '!')]);

describe('stdcopy frames', () => {
  it.each([1, 2, 3, 7, 8, 9, 1000])('are read whatever the pieces (%i bytes)', (size) => {
    const parser = new FrameParser();
    const seen = { stdout: '', stderr: '' };
    for (let at = 0; at < two.length; at += size) {
      for (const { kind, bytes } of parser.parse(two.subarray(at, at + size))) {
        seen[kind === 'stderr' ? 'stderr' : 'stdout'] += bytes.toString();
      }
    }
    expect(seen).toEqual({ stdout: 'out!', stderr: 'err' });
  });

  it('that are none are an error, not output', () => {
    expect(() => [...new FrameParser().parse(Buffer.from('plain text'))]).toThrow(/damaged/);
  });

  it('of type 3 are the engine’s own error', async () => {
    const stream = Readable.from([frame(3, 'no space left on device')]);
    const nowhere = new PassThrough();
    await expect(copyOutput({ tty: false, stream }, nowhere, nowhere)).rejects.toThrow(
      'no space left on device',
    );
  });

  it('split into two streams that end', async () => {
    const { stdout, stderr } = splitOutput({ tty: false, stream: Readable.from([two]) });
    expect(await Promise.all([text(stdout), text(stderr)])).toEqual(['out!', 'err']);
  });

  it('are not looked for on a tty', async () => {
    const { stdout, stderr } = splitOutput({ tty: true, stream: Readable.from([two]) });
    expect(await Promise.all([text(stdout), text(stderr)])).toEqual([two.toString(), '']);
  });

  it('wait for a slow reader', async () => {
    const slow = new PassThrough({ highWaterMark: 16 });
    let given = 0;
    const source = Readable.from(
      (function* () {
        for (; given < 100; given++) yield frame(1, 'x'.repeat(64));
      })(),
    );
    const copying = copyOutput({ tty: false, stream: source }, slow, slow);
    await new Promise((resolve) => setImmediate(resolve));
    expect(given).toBeLessThan(50);
    const all = text(slow);
    await copying;
    slow.end();
    expect((await all).length).toBe(6400);
  });
});
