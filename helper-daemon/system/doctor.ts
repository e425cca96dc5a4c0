/** `berth doctor`: what the helper needs of this machine, looked at one by one. */
import { statfsSync } from 'node:fs';
import { release } from 'node:os';
import type { DoctorCheck, DoctorReport } from '../../protocol/docker';
import type { Warden, Hello } from '../warden/verbs';
import { cgroupVersion } from './cgroup-version';

const oldestKernel = [6, 13] as const;
const lowDiskBytes = 2 * 1024 ** 3;

export interface DoctorOptions {
  readonly root: string;
  readonly warden: Warden;
  readonly hello: () => Hello | undefined;
}

function kernelCheck(): DoctorCheck {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const ok = major > oldestKernel[0] || (major === oldestKernel[0] && minor >= oldestKernel[1]);
  return {
    name: 'kernel',
    ok,
    what: `Linux ${release()}`,
    ...(ok
      ? {}
      : {
          why: `Berth needs ${oldestKernel.join('.')} or newer: older kernels cannot unite layers that are given as descriptors.`,
          next: 'Update the system, then restart it.',
        }),
  };
}

function diskCheck(root: string): DoctorCheck {
  const { bavail, bsize } = statfsSync(root);
  const free = bavail * bsize;
  const ok = free >= lowDiskBytes;
  return {
    name: 'disk',
    ok,
    what: `${(free / 1024 ** 3).toFixed(1)} GiB free in ${root}`,
    ...(ok
      ? {}
      : {
          why: 'Images and containers need room.',
          next: 'Remove what is not needed (docker system prune), or set --root to a larger disk.',
        }),
  };
}

function featureCheck(name: string, has: boolean, present: string, why: string): DoctorCheck {
  return {
    name,
    ok: has,
    what: has ? present : 'missing',
    ...(has
      ? {}
      : { why, next: 'Use a kernel of a current distribution, or enable the feature in this one.' }),
  };
}

export async function examine(options: DoctorOptions): Promise<DoctorReport> {
  const checks: DoctorCheck[] = [kernelCheck()];
  let hello = options.hello();
  try {
    hello = await options.warden.hello();
    checks.push({ name: 'warden', ok: true, what: `process ${hello.pid}, protocol ${hello.version}` });
  } catch (error) {
    checks.push({
      name: 'warden',
      ok: false,
      what: 'does not answer',
      why: error instanceof Error ? error.message : String(error),
      next: "Look into the helper's log, and restart the helper.",
    });
  }
  const features = new Set(hello?.features);
  const groups = cgroupVersion(features);
  checks.push(
    featureCheck(
      'user namespaces',
      features.has('userns'),
      'available',
      "Without them a container's root would be root of the host.",
    ),
    featureCheck(
      'idmapped mounts',
      features.has('idmap'),
      'available',
      'Files in your project would not belong to you.',
    ),
    featureCheck(
      'overlay by descriptor',
      features.has('overlay-fd'),
      'available',
      'The layers of an image cannot be united.',
    ),
    featureCheck(
      'control groups',
      groups !== undefined,
      `version ${groups ?? ''}${groups === '1' && features.has('cgroup-v2') ? ' (version 2 is mounted beside it, without controllers)' : ''}`,
      'Memory, processors and processes cannot be limited.',
    ),
    featureCheck('packet filter', features.has('nft'), 'nftables', 'Containers cannot reach the network.'),
    ...(hello?.missing ?? []).map((sentence) => ({
      name: 'kernel feature',
      ok: false,
      what: 'missing',
      why: sentence,
      next: 'Use a kernel of a current distribution.',
    })),
    diskCheck(options.root),
  );
  return { checks };
}
