/** What is left to send when a stream ends waits for its reader; a reader that has everything does not keep the connection. */
import { Duplex, PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { join } from '../../../../helper-daemon/api/raw-stream';
import { createLog } from '../../../../helper-daemon/log';

const minute = 60_000;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function ended(text: string): Duplex {
  const inner = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  inner.push(text);
  inner.push(null);
  return inner;
}

it('a reader that stalls after the end still gets everything', async () => {
  const output = new PassThrough({ highWaterMark: 1, autoDestroy: false });
  const destroy = vi.fn(() => output.destroy());
  void join(
    { input: new PassThrough(), output, destroy },
    ended('the last words'),
    { stdin: false, framed: true },
    createLog('api', 'error', () => undefined),
  );
  await turn();
  await vi.advanceTimersByTimeAsync(minute);
  expect(destroy).not.toHaveBeenCalled();
  let got = '';
  output.on('data', (chunk: Buffer) => (got += chunk.toString()));
  await turn();
  await turn();
  expect(got).toBe('the last words');
  await vi.advanceTimersByTimeAsync(minute);
  expect(destroy).toHaveBeenCalledOnce();
});
