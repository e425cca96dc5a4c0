/** The default seccomp profile for a set of capabilities (security-and-faults.md, section 6). */
import { capabilityMask } from '../capabilities';
import type { CapabilitySet } from '../capabilities';
import { allowedAlways, allowedWith } from './allow-list';
import { EPERM, compileFilter } from './bpf';
import type { Decision } from './bpf';
import { syscallNumbers } from './syscall-numbers';
import type { Architecture } from './syscall-numbers';

const auditArch: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };
const x32Bit = 0x40000000;
const ENOSYS = 38;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const namespaceFlags = 0x7e020000;
const AF_ALG = 38;
const AF_VSOCK = 40;
/** PER_LINUX, PER_LINUX32, both with UNAME26, and the query. */
const personalities = [0, 8, 0x20000, 0x20008, 0xffffffff];

const allow: Decision = { kind: 'allow' };
const refuse: Decision = { kind: 'errno', errno: EPERM };

function decisions(architecture: Architecture, capabilities: CapabilitySet): Map<number, Decision> {
  const numbers = syscallNumbers[architecture];
  const table = new Map<number, Decision>();
  const decide = (name: string, decision: Decision) => {
    const number = numbers.get(name);
    if (number !== undefined) table.set(number, decision);
  };
  for (const name of allowedAlways) decide(name, allow);
  for (const [capability, names] of allowedWith)
    if (capabilities.has(capability)) for (const name of names) decide(name, allow);
  decide('socket', { kind: 'argument', index: 0, test: { kind: 'not-in', values: [AF_ALG, AF_VSOCK] } });
  decide('personality', { kind: 'argument', index: 0, test: { kind: 'in', values: personalities } });
  if (capabilities.has('SYS_ADMIN')) {
    decide('clone', allow);
    decide('clone3', allow);
  } else {
    decide('clone', { kind: 'argument', index: 0, test: { kind: 'no-bits', mask: namespaceFlags } });
    // Its flags are in memory, where a filter cannot look: ENOSYS makes the C library fall back to clone.
    decide('clone3', { kind: 'errno', errno: ENOSYS });
  }
  return table;
}

const cache = new Map<string, Buffer>();

/** @returns an array of `struct sock_filter`; compiled once for each set of capabilities */
export function defaultProfile(architecture: Architecture, capabilities: CapabilitySet): Buffer {
  const key = `${architecture}:${capabilityMask(capabilities).toString(16)}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const filter = compileFilter({
    auditArch: auditArch[architecture],
    decisions: decisions(architecture, capabilities),
    otherwise: refuse,
    limit: x32Bit,
  });
  cache.set(key, filter);
  return filter;
}
