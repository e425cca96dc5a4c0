/** Which capabilities a confined caller may add: those that mean something only inside the container's own user namespace. */
import type { Caller } from '../api/services';
import { defaultCapabilities, parseCapability } from '../containers/capabilities';
import type { CapabilityName } from '../containers/capabilities';
import { refused } from './refusal';

/** SYS_ADMIN is not among them: it would open mount, namespace and other calls of the kernel, and could take the masks off /proc. */
const confinedToNamespace: ReadonlySet<CapabilityName> = new Set<CapabilityName>([
  ...defaultCapabilities,
  'SYS_PTRACE',
  'DAC_READ_SEARCH',
  'LINUX_IMMUTABLE',
  'NET_ADMIN',
  'NET_BROADCAST',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_NICE',
  'LEASE',
  'CHECKPOINT_RESTORE',
]);

/** @throws EngineError 400 for an unknown name, 403 for a capability that reaches further */
export function judgeCapabilities(caller: Caller, added: readonly string[]): void {
  for (const name of added) {
    const all = /^(cap_)?all$/i.test(name);
    if (!all && (confinedToNamespace.has(parseCapability(name)) || caller.admin)) continue;
    if (caller.admin) continue;
    throw refused(
      caller,
      'capability',
      `the capability ${name.toUpperCase()}`,
      "it reaches beyond the container's own user namespace",
    );
  }
}
