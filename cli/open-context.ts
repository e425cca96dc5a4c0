import { EngineClient } from '../core/engine/client';
import { discoverHost } from '../core/hosts/discover';
import type { CommandContext } from './command';

/** This process as a command sees it. Disposing closes idle connections and gives the signals back. */
export function openContext(host: string | undefined): CommandContext & Disposable {
  const client = new EngineClient(discoverHost(process.env, undefined, host).transport);
  const controller = new AbortController();
  const interrupted = () => {
    // The second one means it: do not wait for an orderly end.
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const giveBack = () => {
    for (const name of signals) process.off(name, interrupted);
  };
  for (const name of signals) process.on(name, interrupted);
  // A reader that goes away (`| head`) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  return {
    client,
    in: process.stdin,
    out: process.stdout,
    err: process.stderr,
    environment: process.env,
    startedAt: performance.timeOrigin,
    signal: controller.signal,
    takeSignals: giveBack,
    [Symbol.dispose]: () => {
      giveBack();
      client.close();
    },
  };
}
