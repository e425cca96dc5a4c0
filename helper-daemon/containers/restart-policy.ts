/** Whether and when a container that ended is started again. */
import type { RestartPolicy } from '../../protocol/docker';
import { parseRfc3339 } from '../clock';
import type { ContainerState } from './container-record';

const firstDelayMs = 100;
const maxDelayMs = 60_000;
/** A run this long starts the delays from the beginning. */
const steadyNs = 10_000_000_000n;

export function wantsRestart(policy: RestartPolicy | undefined, state: ContainerState): boolean {
  if (state.stoppedByUser) return false;
  switch (policy?.Name ?? '') {
    case 'always':
    case 'unless-stopped':
      return true;
    case 'on-failure': {
      const limit = policy?.MaximumRetryCount ?? 0;
      return state.exitCode !== 0 && (limit === 0 || state.restartCount < limit);
    }
    default:
      return false;
  }
}

/** Milliseconds; doubles with every restart. */
export function restartDelay(state: ContainerState): number {
  const ran = parseRfc3339(state.finishedAt) - parseRfc3339(state.startedAt);
  if (ran >= steadyNs) return firstDelayMs;
  return Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(state.restartCount, 20));
}
