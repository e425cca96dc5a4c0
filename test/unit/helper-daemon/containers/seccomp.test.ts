import { describe, expect, it } from 'vitest';
import { allCapabilities, defaultCapabilities } from '../../../../helper-daemon/containers/capabilities';
import { allowedAlways, allowedWith } from '../../../../helper-daemon/containers/seccomp/allow-list';
import { defaultProfile } from '../../../../helper-daemon/containers/seccomp/default-profile';
import { syscallNumbers } from '../../../../helper-daemon/containers/seccomp/syscall-numbers';

const ALLOW = 0x7fff0000;
const errno = (number: number) => 0x00050000 | number;
const EPERM = errno(1);
const ENOSYS = errno(38);
const x64 = 0xc000003e;
const arm64 = 0xc00000b7;

/** A classic BPF machine for `struct seccomp_data`, with the kernel's rules: only forward jumps, every path ends in a return. */
function judge(program: Buffer, call: { arch: number; number: number; args?: readonly number[] }): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number, 0);
  data.writeUInt32LE(call.arch, 4);
  (call.args ?? []).forEach((value, index) => data.writeUInt32LE(value >>> 0, 16 + index * 8));
  let accumulator = 0;
  for (let at = 0; at * 8 < program.length; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const jt = program.readUInt8(at * 8 + 2);
    const jf = program.readUInt8(at * 8 + 3);
    const k = program.readUInt32LE(at * 8 + 4);
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x15) at += accumulator === k ? jt : jf;
    else if (code === 0x35) at += accumulator >= k ? jt : jf;
    else if (code === 0x45) at += (accumulator & k) !== 0 ? jt : jf;
    else if (code === 0x05) at += k;
    else if (code === 0x06) return k;
    else throw new Error(`unknown instruction ${code.toString(16)}`);
  }
  throw new Error('fell off the end');
}

const numberOf = (name: string) => {
  const number = syscallNumbers.x64.get(name);
  if (number === undefined) throw new Error(`no such call: ${name}`);
  return number;
};

describe('default seccomp profile', () => {
  const plain = defaultProfile('x64', defaultCapabilities);
  const call = (name: string, ...args: number[]) => judge(plain, { arch: x64, number: numberOf(name), args });

  it('agrees with the list on every number there is, and beyond', () => {
    const special = new Set(['clone', 'clone3', 'socket', 'personality']);
    const allowed = new Set([
      ...allowedAlways,
      ...[...defaultCapabilities].flatMap((each) => allowedWith.get(each) ?? []),
    ]);
    const names = new Map([...syscallNumbers.x64].map(([name, number]) => [number, name]));
    for (let number = 0; number < 600; number += 1) {
      const name = names.get(number);
      if (name !== undefined && special.has(name)) continue;
      expect([name, judge(plain, { arch: x64, number })]).toEqual([
        name,
        name !== undefined && allowed.has(name) ? ALLOW : EPERM,
      ]);
    }
  });

  it("fits into the kernel and is about as large as Docker's", () => {
    expect(plain.length / 8).toBeLessThanOrEqual(4096);
    expect(allowedAlways.length).toBeGreaterThan(280);
    expect(new Set(allowedAlways).size).toBe(allowedAlways.length);
    for (const name of allowedAlways)
      expect(syscallNumbers.x64.has(name) || syscallNumbers.arm64.has(name)).toBe(true);
  });

  it('refuses what no container needs', () => {
    for (const name of [
      'mount',
      'umount2',
      'pivot_root',
      'setns',
      'unshare',
      'bpf',
      'perf_event_open',
      'userfaultfd',
      'io_uring_setup',
      'keyctl',
      'add_key',
      'kexec_load',
      'open_by_handle_at',
      'reboot',
      'init_module',
      'open_tree',
      'fsopen',
      'mount_setattr',
    ]) {
      expect([name, call(name)]).toEqual([name, EPERM]);
    }
    expect(call('clone3')).toBe(ENOSYS);
  });

  it('looks at arguments', () => {
    expect(call('clone', 0x01200011)).toBe(ALLOW);
    for (const flag of [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000])
      expect(call('clone', flag | 17)).toBe(EPERM);
    for (const family of [1, 2, 10, 16, 17, 39, 41, 44]) expect(call('socket', family)).toBe(ALLOW);
    for (const family of [38, 40]) expect(call('socket', family)).toBe(EPERM);
    for (const persona of [0, 8, 0x20000, 0x20008, 0xffffffff])
      expect(call('personality', persona)).toBe(ALLOW);
    for (const persona of [0x0400000, 1]) expect(call('personality', persona)).toBe(EPERM);
  });

  it('answers other architectures and x32 with EPERM', () => {
    expect(judge(plain, { arch: 0x40000003, number: numberOf('read') })).toBe(EPERM);
    expect(judge(plain, { arch: x64, number: numberOf('read') | 0x40000000 })).toBe(EPERM);
    expect(judge(plain, { arch: x64, number: 0xffffffff })).toBe(EPERM);
  });

  it('follows the capabilities', () => {
    const powerful = defaultProfile('x64', allCapabilities);
    for (const name of ['mount', 'setns', 'clone3', 'bpf', 'reboot'])
      expect(judge(powerful, { arch: x64, number: numberOf(name), args: [0x10000000] })).toBe(ALLOW);
    expect(judge(powerful, { arch: x64, number: numberOf('keyctl') })).toBe(EPERM);
    expect(judge(defaultProfile('x64', new Set()), { arch: x64, number: numberOf('chroot') })).toBe(EPERM);
  });

  it('knows arm64 by its own numbers', () => {
    const program = defaultProfile('arm64', defaultCapabilities);
    expect(judge(program, { arch: arm64, number: 63 })).toBe(ALLOW);
    expect(judge(program, { arch: arm64, number: 40 })).toBe(EPERM);
    expect(judge(program, { arch: arm64, number: 220, args: [0x10000011] })).toBe(EPERM);
  });
});
