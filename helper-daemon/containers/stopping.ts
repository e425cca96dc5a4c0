/** Stops a container as its configuration and the caller wish: a signal, a grace, then SIGKILL. */
import type { Warden } from '../warden/verbs';
import type { Container } from './container';
import { sendSignal } from './signal-delivery';
import { parseSignal } from './signals';

const defaultStopSeconds = 10;
const SIGKILL = 9;

/** Resolves when the exit is recorded. A negative timeout waits without end. @throws EngineError 400 for a signal that is none */
export async function stopContainer(
  container: Container,
  warden: Warden,
  timeoutSeconds: number | undefined,
  signalName: string | undefined,
): Promise<void> {
  const { config } = container.record;
  const name = [signalName, config.StopSignal].find((each) => each !== undefined && each !== '') ?? 'SIGTERM';
  const seconds = timeoutSeconds ?? config.StopTimeout ?? defaultStopSeconds;
  const signal = parseSignal(name);
  const exit = container.waitFor('exit');
  if (container.state.status === 'paused') {
    await warden.freeze(container.id, false);
    container.state = { ...container.state, status: 'running' };
  }
  await sendSignal(container, warden, signal);
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<'late'>((resolve) => {
    if (seconds >= 0)
      timer = setTimeout(() => {
        resolve('late');
      }, seconds * 1000);
  });
  const first = await Promise.race([exit, grace]);
  clearTimeout(timer);
  if (first === 'late' && container.alive) {
    await sendSignal(container, warden, SIGKILL);
    await exit;
  }
}
