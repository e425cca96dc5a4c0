/** Signals that a foreground `run`, `attach` or `start -a` passes on to the container. */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;

/**
 * Passes signals on by `send`, instead of dying of them; returns how to stop. A signal for a container that has just ended is no error.
 * @param send gets the name without SIG
 */
export function proxySignals(send: (name: string) => Promise<void>): () => void {
  const handlers = forwarded.map((signal) => {
    const handler = () => {
      send(signal.slice(3)).catch(() => undefined);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const stop of handlers) stop();
  };
}
