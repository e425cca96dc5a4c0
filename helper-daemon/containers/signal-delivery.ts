/** Signals to a container's first process, by way of its monitor. */
import type { Log } from '../log';
import type { Warden } from '../warden/verbs';
import { hasCode } from '../warden/warden-error';
import type { Container } from './container';

const SIGKILL = 9;
/** The process has ended, or the monitor with it. */
const monitorGone = ['not-running', 'ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'] as const;

/** A frozen process takes no signal: SIGKILL thaws it. A container that ends at this moment counts as signalled. */
export async function sendSignal(container: Container, warden: Warden, signal: number): Promise<void> {
  if (signal === SIGKILL && container.state.status === 'paused') await warden.freeze(container.id, false);
  try {
    await container.monitor.kill(signal);
  } catch (error) {
    if (!hasCode(error, ...monitorGone)) throw error;
  }
}

/** Ends it with SIGKILL; resolves when the exit is recorded. */
export async function killAndWait(container: Container, warden: Warden): Promise<void> {
  const exit = container.waitFor('exit');
  if (!container.alive) return;
  await sendSignal(container, warden, SIGKILL);
  await exit;
}

/** A monitor that could not start its process ends by itself; one that waits for a start that will not come is told to. */
export async function endMonitor(container: Container, log: Log): Promise<void> {
  try {
    await container.monitor.kill(SIGKILL, true);
  } catch (error) {
    if (hasCode(error, ...monitorGone)) return;
    log.warn('A monitor of a failed start does not answer.', { id: container.id, error: String(error) });
  }
}
