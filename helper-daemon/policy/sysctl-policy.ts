/** Kernel parameters that belong to a container's own namespaces; no others are set for anybody. */
import type { Caller } from '../api/services';
import { EngineError } from '../error';
import { refused } from './refusal';

const ipcParameters = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]);
const namePattern = /^[a-z0-9_]+(\.[a-zA-Z0-9_-]+)+$/;
const valuePattern = /^[\w .:,+-]*$/;

/** @param own which namespaces are the container's own @throws EngineError 400 or 403 */
export function judgeSysctls(
  caller: Caller,
  sysctls: Readonly<Record<string, string>>,
  own: { net: boolean; ipc: boolean },
): void {
  for (const [name, value] of Object.entries(sysctls)) {
    if (!namePattern.test(name) || !valuePattern.test(value))
      throw new EngineError(400, 'bad-sysctl', `invalid sysctl ${JSON.stringify(`${name}=${value}`)}`);
    const namespaced =
      (name.startsWith('net.') && own.net) ||
      ((ipcParameters.has(name) || name.startsWith('fs.mqueue.')) && own.ipc);
    if (namespaced) continue;
    if (!caller.admin)
      throw refused(
        caller,
        'sysctl',
        `the kernel parameter ${name}`,
        "it is not one of the container's own namespaces",
      );
    throw new EngineError(
      400,
      'bad-sysctl',
      `sysctl ${name} is not in a namespace of the container's own: set it on the host`,
    );
  }
}
