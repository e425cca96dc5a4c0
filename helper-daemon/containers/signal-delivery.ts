/** Signals to a container's first process, by way of its monitor. */
import type { Warden } from '../warden/verbs';
import { hasCode } from '../warden/warden-error';
import type { Container } from './container';

const SIGKILL = 9;

/** A frozen process takes no signal: SIGKILL thaws it. A container that ends at this moment counts as signalled. */
export async function sendSignal(container: Container, warden: Warden, signal: number): Promise<void> {
  if (signal === SIGKILL && container.state.status === 'paused') await warden.freeze(container.id, false);
  try {
    await container.monitor.kill(signal);
  } catch (error) {
    if (!hasCode(error, 'not-running', 'ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE')) throw error;
  }
}

/** Ends it with SIGKILL; resolves when the exit is recorded. */
export async function killAndWait(container: Container, warden: Warden): Promise<void> {
  const exit = container.waitFor('exit');
  if (!container.alive) return;
  await sendSignal(container, warden, SIGKILL);
  await exit;
}
