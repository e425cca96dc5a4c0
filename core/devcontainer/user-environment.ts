import { randomUUID } from 'node:crypto';
import { basename } from 'node:path/posix';
import type { EngineClient } from '../engine/client';
import type { Configuration } from './configuration';
import type { Report } from './progress';
import type { RemoteUser } from './remote-user';

type Probe = NonNullable<Configuration['userEnvProbe']>;

const shellFlags: Readonly<Record<Probe, { posix: string; pwsh: string[] } | undefined>> = {
  none: undefined,
  loginShell: { posix: '-lc', pwsh: ['-Login', '-Command'] },
  interactiveShell: { posix: '-ic', pwsh: ['-Command'] },
  loginInteractiveShell: { posix: '-lic', pwsh: ['-Login', '-Command'] },
};

/** A user's start-up files may wait for ever (a prompt, a network that is not there); then Berth goes on without them. */
const probeLimit = 10_000;

/**
 * The environment that the user's own shell sets up. `PWD` is left out; empty when the probe is off, fails or takes
 * longer than ten seconds, which is told.
 */
export async function probeEnvironment(
  engine: EngineClient,
  container: string,
  user: RemoteUser,
  probe: Probe,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  const flags = shellFlags[probe];
  if (flags === undefined) return {};
  const limit = AbortSignal.timeout(probeLimit);
  const pwsh = basename(user.shell) === 'pwsh';
  const run = async (print: string): Promise<string | undefined> => {
    const mark = randomUUID();
    const script = `echo ${mark}; ${print}; echo ${mark}`;
    const { stdout } = await engine.exec(container, {
      command: [user.shell, ...(pwsh ? flags.pwsh : [flags.posix]), script],
      user: user.name,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    const [, between] = stdout.split(new RegExp(`${mark}\\r?\\n?`));
    return between;
  };
  try {
    const fromKernel = await run('cat /proc/self/environ');
    if (fromKernel?.includes('\0') === true) return parse(fromKernel.split('\0'));
    return parse((await run('printenv'))?.split(/\r?\n/) ?? []);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    const reason = limit.aborted
      ? `it did not end within ${probeLimit / 1000} seconds`
      : error instanceof Error
        ? error.message
        : String(error);
    report({
      kind: 'notice',
      text: `The environment of ${user.shell} (userEnvProbe: ${probe}) could not be read: ${reason}. Going on without it.`,
    });
    return {};
  }
}

function parse(entries: readonly string[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const entry of entries) {
    const equals = entry.indexOf('=');
    if (equals > 0 && !entry.startsWith('PWD=')) result[entry.slice(0, equals)] = entry.slice(equals + 1);
  }
  return result;
}
