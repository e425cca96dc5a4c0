/** Capability names and sets: Docker's words to the kernel's bits. */
import { EngineError } from '../error';

/** In the kernel's order: the index is the bit. */
export const capabilityNames = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
] as const;
export type CapabilityName = (typeof capabilityNames)[number];
export type CapabilitySet = ReadonlySet<CapabilityName>;

/** Docker's 14. */
export const defaultCapabilities: CapabilitySet = new Set<CapabilityName>([
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
]);

export const allCapabilities: CapabilitySet = new Set(capabilityNames);
const known: ReadonlySet<string> = allCapabilities;

/** `cap_sys_ptrace`, `CAP_SYS_PTRACE` and `SYS_PTRACE` are one. @throws EngineError 400 for an unknown name */
export function parseCapability(name: string): CapabilityName {
  const upper = name.toUpperCase().replace(/^CAP_/, '');
  if (!known.has(upper))
    throw new EngineError(400, 'bad-capability', `invalid CapAdd/CapDrop: unknown capability: "${name}"`);
  return upper as CapabilityName;
}

/** The set after `CapAdd` and `CapDrop`, as Docker counts: ALL first, single names after it. */
export function capabilitiesOf(add: readonly string[], drop: readonly string[]): CapabilitySet {
  const isAll = (name: string) => name.toUpperCase() === 'ALL' || name.toUpperCase() === 'CAP_ALL';
  const dropped = new Set(drop.filter((name) => !isAll(name)).map(parseCapability));
  const added = add.filter((name) => !isAll(name)).map(parseCapability);
  const start: CapabilitySet = add.some(isAll)
    ? allCapabilities
    : drop.some(isAll)
      ? new Set()
      : defaultCapabilities;
  return new Set([...[...start].filter((name) => !dropped.has(name)), ...added]);
}

export function capabilityMask(set: CapabilitySet): bigint {
  return capabilityNames.reduce((mask, name, bit) => (set.has(name) ? mask | (1n << BigInt(bit)) : mask), 0n);
}
