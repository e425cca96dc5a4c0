import { environmentEntries } from '../../core/devcontainer/open-environment';
import type { Environment } from '../../core/devcontainer/open-environment';
import type { CommandContext } from '../command';
import { followSize, joinSession, terminalSize } from '../terminal/session';

/** The developer's own shell inside, on this terminal. Resolves with its exit code. */
export async function openShell(context: CommandContext, environment: Environment): Promise<number> {
  const { client } = context;
  const tty = context.in.isTTY === true && context.out.isTTY === true;
  const size = terminalSize(context);
  const term = context.environment['TERM'];
  const { Id: id } = await client.execs.create(environment.containerId, {
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: tty,
    User: environment.remoteUser,
    WorkingDir: environment.remoteWorkspaceFolder,
    Env: [...environmentEntries(environment.remoteEnv), ...(term === undefined ? [] : [`TERM=${term}`])],
    Cmd: [environment.remoteShell],
    ...(size === undefined ? {} : { ConsoleSize: [size.rows, size.columns] }),
  });
  const attached = await client.execs.start(id, { Tty: tty });
  const unfollow = tty ? followSize(context, (to) => client.execs.resize(id, to)) : () => undefined;
  try {
    const end = await joinSession(context, attached, {
      stdin: true,
      tty,
      detachKeys: undefined,
    });
    return end === 'detached' ? 0 : ((await client.execs.inspect(id)).ExitCode ?? 0);
  } finally {
    unfollow();
  }
}
