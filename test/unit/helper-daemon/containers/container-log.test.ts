import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LogRequest } from '../../../../helper-daemon/api/services';
import { readLog } from '../../../../helper-daemon/containers/container-log';

let directory: string;
let alive: boolean;
let ended: () => void;
let exit: Promise<void>;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-log-'));
  alive = false;
  exit = new Promise((resolve) => {
    ended = resolve;
  });
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A record as a monitor writes it; the time is in seconds. */
function record(seconds: number, stream: number, text: string): Buffer {
  const header = Buffer.alloc(13);
  header.writeBigUInt64LE(BigInt(seconds) * 1_000_000_000n, 0);
  header.writeUInt8(stream, 8);
  header.writeUInt32LE(text.length, 9);
  return Buffer.concat([header, Buffer.from(text)]);
}

const request = (over: Partial<LogRequest> = {}): LogRequest => ({
  stdout: true,
  stderr: true,
  follow: false,
  timestamps: false,
  tail: 'all',
  since: 0,
  until: undefined,
  signal: new AbortController().signal,
  ...over,
});
const source = () => ({ directory, tty: true, alive: () => alive, exit: () => exit });

async function text(over: Partial<LogRequest> = {}): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readLog(source(), request(over))) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('reads rotated files oldest first, by stream, time and tail', async () => {
  writeFileSync(join(directory, 'log.2'), record(1, 1, 'one\n'));
  writeFileSync(join(directory, 'log.1'), record(2, 2, 'two\n'));
  writeFileSync(join(directory, 'log'), Buffer.concat([record(3, 1, 'thr'), record(4, 1, 'ee\nfour\n')]));
  expect(await text()).toBe('one\ntwo\nthree\nfour\n');
  expect(await text({ stderr: false })).toBe('one\nthree\nfour\n');
  expect(await text({ tail: 2 })).toBe('three\nfour\n');
  expect(await text({ tail: 0 })).toBe('');
  expect(await text({ since: 2, until: 3 })).toBe('two\nthr');
  expect(await text({ tail: 2, timestamps: true })).toBe(
    '1970-01-01T00:00:03.000000000Z three\n1970-01-01T00:00:04.000000000Z four\n',
  );
});

it('frames each line for clients without a terminal', async () => {
  writeFileSync(join(directory, 'log'), record(1, 2, 'err\n'));
  const chunks: Buffer[] = [];
  for await (const chunk of readLog({ ...source(), tty: false }, request())) chunks.push(chunk);
  expect(Buffer.concat(chunks)).toEqual(Buffer.from([2, 0, 0, 0, 0, 0, 0, 4, 0x65, 0x72, 0x72, 0x0a]));
});

it('follows what comes, over a rotation and over a record that arrives in halves, until the end', async () => {
  alive = true;
  writeFileSync(join(directory, 'log'), record(1, 1, 'first\n'));
  const seen: string[] = [];
  const until = async (count: number) => expect.poll(() => seen.length, { timeout: 10_000 }).toBe(count);
  const following = (async () => {
    for await (const chunk of readLog(source(), request({ follow: true }))) seen.push(chunk.toString());
  })();
  await until(1);
  const halves = record(2, 1, 'second\n');
  appendFileSync(join(directory, 'log'), halves.subarray(0, 15));
  appendFileSync(join(directory, 'log'), halves.subarray(15));
  await until(2);
  renameSync(join(directory, 'log'), join(directory, 'log.1'));
  writeFileSync(join(directory, 'log'), record(3, 1, 'third\n'));
  await until(3);
  appendFileSync(join(directory, 'log'), record(4, 1, 'last\n'));
  alive = false;
  ended();
  await following;
  expect(seen).toEqual(['first\n', 'second\n', 'third\n', 'last\n']);
});

it('does not miss an end that comes while it looks whether there is something new', async () => {
  writeFileSync(join(directory, 'log'), record(1, 1, 'all\n'));
  const waiting: (() => void)[] = [];
  let asked = 0;
  const fleeting = {
    directory,
    tty: true,
    alive: () => {
      asked += 1;
      // It ends right after it was seen alive for the second time, and tells those who wait by then.
      if (asked === 2)
        queueMicrotask(() => {
          for (const settle of waiting) settle();
        });
      return asked <= 2;
    },
    exit: () => new Promise<void>((resolve) => waiting.push(resolve)),
  };
  const seen: string[] = [];
  for await (const chunk of readLog(fleeting, request({ follow: true }))) seen.push(chunk.toString());
  expect(seen).toEqual(['all\n']);
});

it('ends when the client goes', async () => {
  alive = true;
  const client = new AbortController();
  const following = text({ follow: true, signal: client.signal });
  client.abort();
  expect(await following).toBe('');
});
