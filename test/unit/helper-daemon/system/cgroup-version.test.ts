import { expect, it } from 'vitest';
import { cgroupVersion } from '../../../../helper-daemon/system/cgroup-version';

it.each([
  [['cgroup-v1', 'cgroup-v2', 'cgroup-kill'], '1'],
  [['cgroup-v1'], '1'],
  [['cgroup-v2'], '2'],
  [['nft'], undefined],
])('%j is version %s', (features, version) => {
  expect(cgroupVersion(new Set(features))).toBe(version);
});
