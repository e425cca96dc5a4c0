import { expect, test } from 'vitest';
import { PullSummary } from '../../../extension/pull-summary';

test('adds up the layers of a pull, and says what the engine says before and after', () => {
  const summary = new PullSummary();
  summary.take({ status: 'Pulling from library/redis', id: '7.2' });
  expect(summary.text()).toBe('7.2: Pulling from library/redis');
  summary.take({ id: 'aaaaaaaaaaaa', status: 'Already exists' });
  summary.take({ id: 'bbbbbbbbbbbb', status: 'Pulling fs layer' });
  summary.take({
    id: 'bbbbbbbbbbbb',
    status: 'Downloading',
    progressDetail: { current: 250_000, total: 1_000_000 },
  });
  expect(summary.text()).toBe('1 / 2, 250 kB / 1 MB');
  expect(summary.percent()).toBe(25);
  summary.take({ id: 'bbbbbbbbbbbb', status: 'Download complete' });
  expect(summary.percent()).toBe(99);
  summary.take({ id: 'bbbbbbbbbbbb', status: 'Pull complete' });
  expect(summary.text()).toBe('2 / 2, 1 MB / 1 MB');
});
