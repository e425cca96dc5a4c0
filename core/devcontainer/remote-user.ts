import type { EngineClient } from '../engine/client';
import type { Stage } from './configuration';
import { stages } from './configuration';
import { DevContainerError } from './error';

/** Who the developer is inside, and what is known of them there. */
export interface RemoteUser {
  /** As the engine takes it for an exec: a name or a number. */
  readonly name: string;
  readonly home: string;
  readonly shell: string;
  readonly root: boolean;
  /** What the marker files of the lifecycle hold; the field is missing where there is no file. */
  readonly markers: Readonly<Partial<Record<Stage, string>>>;
}

/** Where the reference CLI keeps its markers, below the user's home. */
export const dataFolder = '.devcontainer';
export const markerFile = (stage: Stage): string => `.${stage}Marker`;

// Only what every /bin/sh has built in: the image may hold nothing else.
const script = [
  'h=$HOME',
  'printf "%s\\0" "$h"',
  'if [ -w "$h" ]; then printf "yes\\0"; else printf "no\\0"; fi',
  'printf "%s\\0" "$SHELL"',
  'while IFS= read -r line; do printf "%s\\n" "$line"; done 2>/dev/null </etc/passwd',
  'printf "\\0"',
  `for stage in ${stages.join(' ')}; do`,
  `  marker=; read -r marker 2>/dev/null <"$h/${dataFolder}/.$stage"Marker; printf "%s\\0" "$marker"`,
  'done',
].join('\n');

/** Asks the container about a user, in one command. Throws DevContainerError if the user or /bin/sh is not there. */
export async function inspectRemoteUser(
  engine: EngineClient,
  container: string,
  user: string,
  signal: AbortSignal | undefined,
): Promise<RemoteUser> {
  const { stdout, stderr, exitCode } = await engine
    .exec(container, { command: ['/bin/sh', '-c', script], user, signal })
    .catch((error: unknown) => {
      throw explain(error, user);
    });
  const [home = '', writable, shellVariable = '', passwd = '', ...contents] = stdout.split('\0');
  if (writable === undefined) throw explain(new Error(`exit code ${exitCode}: ${stderr.trim()}`), user);
  const account = findAccount(passwd, user);
  return {
    name: user,
    home: (writable === 'yes' && home !== '' ? home : account?.home) ?? (home === '' ? '/root' : home),
    shell: [shellVariable, account?.shell].find((path) => path !== undefined && path !== '') ?? '/bin/sh',
    root: (account?.uid ?? user.split(':')[0]) === '0' || user === 'root',
    markers: Object.fromEntries(
      stages.flatMap((stage, index) => (contents[index] ? [[stage, contents[index]]] : [])),
    ),
  };
}

function findAccount(passwd: string, user: string): { uid: string; home: string; shell: string } | undefined {
  const wanted = user.split(':')[0];
  for (const line of passwd.split('\n')) {
    const [name, , uid, , , home, shell] = line.split(':');
    if (name === wanted || uid === wanted) return { uid: uid ?? '', home: home ?? '', shell: shell ?? '' };
  }
  return undefined;
}

function explain(error: unknown, user: string): unknown {
  return error instanceof Error && error.name !== 'AbortError' ? noSuchUser(user, error) : error;
}

export function noSuchUser(user: string, cause: Error): DevContainerError {
  return new DevContainerError(
    'no-user',
    `The container does not run commands as the user "${user}"`,
    cause.message,
    'Check "remoteUser" in devcontainer.json, and that the image has this user and /bin/sh.',
    { cause },
  );
}
