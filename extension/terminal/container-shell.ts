import type { EngineClient } from '../../core/engine/client';

/** The shell of the user in the container's own account list; else the first that is there. */
const findShell =
  'shell=$(awk -F: -v id="$(id -u)" \'$3 == id { print $7; exit }\' /etc/passwd 2>/dev/null); ' +
  'for try in "$shell" /bin/bash /bin/ash /bin/sh; do ' +
  'case $try in ""|*/nologin|*/false) continue ;; esac; ' +
  '[ -x "$try" ] && { echo "$try"; exit; }; done; echo /bin/sh';

export interface ShellOwner {
  readonly container: string;
  /** Name or uid; undefined: the container's own. */
  readonly user?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Path of the shell to open. Any failure means that there is not even `/bin/sh`, which the exec then says better. */
export async function containerShell(engine: EngineClient, place: ShellOwner): Promise<string> {
  const found = await engine.exec(place.container, {
    command: ['/bin/sh', '-c', findShell],
    user: place.user,
    signal: place.signal,
  });
  const path = found.stdout.trim();
  return path.startsWith('/') ? path : '/bin/sh';
}
