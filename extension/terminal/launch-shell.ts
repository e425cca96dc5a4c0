import type { EngineClient } from '../../core/engine/client';
import type * as wire from '../../protocol/docker';
import { containerShell } from './container-shell';
import { terminalEnvironment, type Launch } from './process-terminal';
import { shellPlace } from './shell-place';

/** A login shell in a running container; in a dev container that of its developer, in the project. */
export function launchShell(engine: () => Promise<EngineClient>, summary: wire.ContainerSummary): Launch {
  return async (size, signal) => {
    const client = await engine();
    const { user, workingDirectory } = shellPlace(summary);
    const shell = await containerShell(client, { container: summary.Id, user, signal });
    return client.spawn(summary.Id, {
      command: [shell, '-l'],
      environment: terminalEnvironment,
      user,
      workingDirectory,
      stdin: true,
      tty: true,
      size,
      signal,
    });
  };
}
