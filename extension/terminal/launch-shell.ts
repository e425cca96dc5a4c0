import type { EngineClient } from '../../core/engine/client';
import { containerShell } from './container-shell';
import { terminalEnvironment, type Launch } from './process-terminal';

/** A login shell in a running container. */
export function launchShell(engine: () => Promise<EngineClient>, container: string): Launch {
  return async (size, signal) => {
    const client = await engine();
    const shell = await containerShell(client, { container, signal });
    return client.spawn(container, {
      command: [shell, '-l'],
      environment: terminalEnvironment,
      stdin: true,
      tty: true,
      size,
      signal,
    });
  };
}
