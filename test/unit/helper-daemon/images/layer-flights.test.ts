import { expect, test } from 'vitest';
import { LayerFlights } from '../../../../helper-daemon/images/layer-flights';
import type { Landed } from '../../../../helper-daemon/images/layer-flights';
import { Limiter } from '../../../../helper-daemon/images/limiter';

interface Started {
  readonly signal: AbortSignal;
  land(): void;
  fail(error: Error): void;
  say(status: 'Extracting'): void;
}

/** A download under the test's control. */
function controlled() {
  const started: Started[] = [];
  const start = (watcher: { status(status: 'Extracting'): void }, signal: AbortSignal) =>
    new Promise<Landed>((resolve, reject) => {
      const fail = (error: Error) => {
        reject(error);
      };
      signal.addEventListener('abort', () => {
        fail(new Error('download aborted'));
      });
      started.push({
        signal,
        fail,
        land: () => resolve({ diffId: 'x' }),
        say: (status) => watcher.status(status),
      });
    });
  return { started, start };
}
const watcher = () => {
  const heard: string[] = [];
  return { heard, status: (status: string) => void heard.push(status), bytes: () => undefined };
};
const never = () => new AbortController().signal;

test('two who want the same share one download and hear the same', async () => {
  const flights = new LayerFlights();
  const { started, start } = controlled();
  const [a, b] = [watcher(), watcher()];
  const both = [flights.join('k', a, never(), start), flights.join('k', b, never(), start)];
  expect(started).toHaveLength(1);
  started[0]!.say('Extracting');
  started[0]!.land();
  expect(await Promise.all(both)).toEqual([{ diffId: 'x' }, { diffId: 'x' }]);
  expect([a.heard, b.heard]).toEqual([['Extracting'], ['Extracting']]);
  void flights.join('k', a, never(), start);
  expect(started).toHaveLength(2);
});

test('who leaves is let go at once; the download ends with the last', async () => {
  const flights = new LayerFlights();
  const { started, start } = controlled();
  const [first, second] = [new AbortController(), new AbortController()];
  const one = flights.join('k', watcher(), first.signal, start);
  const two = flights.join('k', watcher(), second.signal, start);
  first.abort(new Error('one left'));
  await expect(one).rejects.toThrow('one left');
  expect(started[0]!.signal.aborted).toBe(false);
  second.abort(new Error('two left'));
  expect(started[0]!.signal.aborted).toBe(true);
  await expect(two).rejects.toThrow('two left');
});

test('a download that fails is tried once more by those who did not start it', async () => {
  const flights = new LayerFlights();
  const { started, start } = controlled();
  const one = flights.join('k', watcher(), never(), start);
  const two = flights.join('k', watcher(), never(), start);
  started[0]!.fail(new Error('no right to it'));
  await expect(one).rejects.toThrow('no right to it');
  await expect.poll(() => started.length).toBe(2);
  started[1]!.land();
  expect(await two).toEqual({ diffId: 'x' });
});

test('the limiter: so many at once, the others in turn, and who gives up waiting takes no turn', async () => {
  const limiter = new Limiter(2);
  const running: (() => void)[] = [];
  const begin = (signal: AbortSignal) =>
    limiter.run(signal, () => new Promise<void>((resolve) => running.push(resolve)));
  const impatient = new AbortController();
  const [a, b, c, d] = [begin(never()), begin(never()), begin(impatient.signal), begin(never())];
  await expect.poll(() => running.length).toBe(2);
  impatient.abort(new Error('gave up'));
  await expect(c).rejects.toThrow('gave up');
  running[0]!();
  await a;
  await expect.poll(() => running.length).toBe(3);
  running[1]!();
  running[2]!();
  await Promise.all([b, d]);
  await limiter.run(never(), () => Promise.resolve());
});
