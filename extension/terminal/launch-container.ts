import type { EngineClient } from '../../core/engine/client';
import { messageOf } from '../../core/error';
import type { Log } from '../log';
import { terminalEnvironment, type Launch } from './process-terminal';

export interface RunRequest {
  readonly image: string;
  /** Whether the container goes away with its process. */
  readonly removeAfterwards: boolean;
}

/** A new container of an image whose main process has the terminal; nothing is left when it cannot start. */
export function launchContainer(engine: () => Promise<EngineClient>, request: RunRequest, log: Log): Launch {
  return async (size, signal) => {
    const { containers } = await engine();
    const { Id: id } = await containers.create(
      {
        Image: request.image,
        Tty: true,
        OpenStdin: true,
        StdinOnce: true,
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Env: [...terminalEnvironment],
        HostConfig: {
          AutoRemove: request.removeAfterwards,
          ...(size === undefined ? {} : { ConsoleSize: [size.rows, size.columns] }),
        },
      },
      { signal },
    );
    try {
      const { stream } = await containers.attach(id, { stdin: true, signal });
      const { exit } = await containers.wait(id, { condition: 'next-exit', signal });
      await containers.start(id, { signal });
      if (size !== undefined) await containers.resize(id, size, { signal });
      return {
        stdin: stream,
        stdout: stream,
        exitCode: exit.then(({ StatusCode }) => StatusCode),
        resize: (to) => containers.resize(id, to),
      };
    } catch (error) {
      await containers
        .remove(id, { force: true })
        .catch((second: unknown) => log.warn(`cannot remove ${id}: ${messageOf(second)}`));
      throw error;
    }
  };
}
