import { expect, test } from 'vitest';
import type { ProgressLine } from '../../../../protocol/docker';
import {
  LayerProgress,
  humanSize,
  progressBar,
  shortId,
} from '../../../../helper-daemon/images/pull-progress';

const digest = `sha256:0123456789abcdef${'0'.repeat(48)}`;

test('sizes as Docker writes them', () => {
  expect([0, 130, 1000, 1_500_000, 1_056_864, 2_000_000_000].map(humanSize)).toEqual([
    '0B',
    '130B',
    '1kB',
    '1.5MB',
    '1.057MB',
    '2GB',
  ]);
});

test('the bar has fifty places, empty, half and full', () => {
  expect(progressBar(0, 100)).toBe(`[>${' '.repeat(49)}]       0B/100B`);
  expect(progressBar(50, 100)).toBe(`[${'='.repeat(25)}>${' '.repeat(24)}]      50B/100B`);
  expect(progressBar(100, 100)).toBe(`[${'='.repeat(50)}]     100B/100B`);
  expect(progressBar(200, 100)).toContain(`[${'='.repeat(50)}]`);
  expect(progressBar(1500, 0)).toBe('1.5kB');
});

test('states are always told, bytes not for every piece, the last byte always', () => {
  const lines: ProgressLine[] = [];
  const layer = new LayerProgress((line) => lines.push(line), digest, 1000);
  layer.status('Pulling fs layer');
  for (let at = 1; at <= 1000; at += 1) layer.bytes('Downloading', at);
  layer.status('Pull complete');
  expect(lines[0]).toEqual({ status: 'Pulling fs layer', progressDetail: {}, id: '0123456789ab' });
  expect(lines.length).toBeLessThan(500);
  expect(lines.at(-2)).toMatchObject({
    status: 'Downloading',
    progressDetail: { current: 1000, total: 1000 },
  });
  expect(lines.at(-1)).toEqual({ status: 'Pull complete', progressDetail: {}, id: shortId(digest) });
});
