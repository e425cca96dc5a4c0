import { EngineRequestError } from '../../core/error';

/** Signals that a foreground `run`, `attach` or `start -a` passes on to the container. */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;

/** 404 and 409: the container has ended in the meantime, which is no failure of the signal. */
const endedMeanwhile = (error: unknown) =>
  error instanceof EngineRequestError && [404, 409].includes(error.status);

/**
 * Passes signals on by `send`, instead of dying of them; returns how to stop.
 * @param send gets the name without SIG
 * @param err is told of a signal that could not be delivered
 */
export function proxySignals(
  send: (name: string) => Promise<void>,
  err: { write(text: string): unknown },
): () => void {
  const handlers = forwarded.map((signal) => {
    const handler = () => {
      send(signal.slice(3)).catch((error: unknown) => {
        if (!endedMeanwhile(error)) err.write(`${signal} did not reach the container: ${String(error)}\n`);
      });
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const stop of handlers) stop();
  };
}
