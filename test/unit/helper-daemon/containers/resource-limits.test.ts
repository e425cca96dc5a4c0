import { describe, expect, it } from 'vitest';
import { resourcesOf, withinQuota } from '../../../../helper-daemon/containers/resource-limits';

describe('resourcesOf', () => {
  it.each([
    [{ NanoCpus: 5_000_000 }, 'Range of CPUs is from 0.01 to 2.00'],
    [{ NanoCpus: -1 }, 'Range of CPUs is from 0.01 to 2.00'],
    [{ NanoCpus: 2_000_000_001 }, 'only 2 CPUs available'],
    [{ CpuQuota: 500 }, 'quota can not be less than 1ms'],
    [{ CpuPeriod: 999 }, 'period can not be less than 1ms'],
    [{ CpuPeriod: 1_000_001 }, 'larger than 1s'],
  ])('%j is refused before the kernel does', (host, message) => {
    expect(() => resourcesOf(host, 2)).toThrow(message);
  });

  it('keeps what is at the edges', () => {
    expect(resourcesOf({ NanoCpus: 10_000_000 }, 2)).toMatchObject({ cpuQuota: 1000, cpuPeriod: 100_000 });
    expect(resourcesOf({ CpuQuota: -1 }, 2)).toMatchObject({ cpuQuota: -1 });
  });

  it('tells no limit on processes from none asked for', () => {
    expect([-1, 0, 7].map((PidsLimit) => resourcesOf({ PidsLimit }, 2).pids)).toEqual([-1, 0, 7]);
  });
});

describe('withinQuota', () => {
  const pids = (limit: number, admin: boolean) =>
    withinQuota(resourcesOf({ PidsLimit: limit }, 2), admin, 100).pids;

  it('bounds a confined user, whatever is asked for', () => {
    expect([-1, 0, 99, 101].map((limit) => pids(limit, false))).toEqual([100, 100, 99, 100]);
  });

  it('leaves an administrator alone', () => {
    expect([-1, 0, 101].map((limit) => pids(limit, true))).toEqual([-1, 0, 101]);
  });
});
