import { describe, expect, it } from 'vitest';
import { containerCreate, hostConfig } from '../../../../protocol/docker';
import { hostConfigShape } from '../../../../protocol/docker/host-config';
import type { Caller } from '../../../../helper-daemon/api/services';
import { EngineError } from '../../../../helper-daemon/error';
import {
  judgeCreate,
  judgeExec,
  judgeNetworkCreate,
  judgeVolumeCreate,
} from '../../../../helper-daemon/policy/policy';

const confined: Caller = { uid: 12345, gid: 12345, groups: [], pid: 1, admin: false };
const admin: Caller = { uid: 0, gid: 0, groups: [], pid: 1, admin: true };

/** The status of the refusal, or undefined. */
function verdict(caller: Caller, host: Record<string, unknown>): number | undefined {
  try {
    judgeCreate(caller, containerCreate.parse({ Image: 'x', HostConfig: host }));
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    expect(error.message.length).toBeGreaterThan(20);
    return error.status;
  }
}

const forbidden: Record<string, unknown>[] = [
  { Privileged: true },
  { NetworkMode: 'host' },
  { PidMode: 'host' },
  { IpcMode: 'host' },
  { UTSMode: 'host' },
  { UsernsMode: 'host' },
  { CgroupnsMode: 'host' },
  { CapAdd: ['SYS_ADMIN'] },
  { CapAdd: ['cap_sys_module'] },
  { CapAdd: ['ALL'] },
  { Devices: [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/sda', CgroupPermissions: 'rwm' }] },
  { DeviceCgroupRules: ['b *:* rwm'] },
  { DeviceRequests: [{ Count: -1 }] },
  { SecurityOpt: ['seccomp=unconfined'] },
  { SecurityOpt: ['seccomp:unconfined'] },
  { SecurityOpt: ['apparmor=unconfined'] },
  { SecurityOpt: ['systempaths=unconfined'] },
  { Sysctls: { 'kernel.core_pattern': '|/x' } },
  { Sysctls: { 'vm.swappiness': '1' } },
  { CgroupParent: '/docker/buildx' },
  { Runtime: 'evil' },
  { LogConfig: { Type: 'syslog' } },
  { VolumeDriver: 'nfs' },
  {
    Mounts: [
      {
        Type: 'volume',
        Source: 'v',
        Target: '/v',
        VolumeOptions: {
          DriverConfig: { Name: 'local', Options: { type: 'none', o: 'bind', device: '/etc' } },
        },
      },
    ],
  },
  { Mounts: [{ Type: 'bind', Source: '/tmp', Target: '/v', BindOptions: { Propagation: 'rshared' } }] },
  { Binds: ['/tmp:/x:rshared'] },
  { PortBindings: { '80/tcp': [{ HostPort: '80' }] } },
  { PortBindings: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] } },
  { PortBindings: { '80/tcp': [{ HostIp: '::', HostPort: '8080' }] } },
  { OomScoreAdj: -1 },
  { MaskedPaths: [] },
  { ReadonlyPaths: ['/proc/sys'] },
  { CpuRealtimeRuntime: 5 },
];

describe('policy', () => {
  it.each(forbidden.map((host) => [JSON.stringify(host), host] as const))(
    'refuses %s to a confined caller',
    (_text, host) => {
      const status = verdict(confined, host);
      expect(status === 403 || (status === 400 && 'Sysctls' in host)).toBe(true);
    },
  );

  it('lets an administrator have what Berth can do', () => {
    for (const host of [
      { Privileged: true },
      { NetworkMode: 'host' },
      { PidMode: 'host' },
      { CapAdd: ['ALL'] },
      { SecurityOpt: ['seccomp=unconfined'] },
      { PortBindings: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '80' }] } },
      { OomScoreAdj: -500 },
      { MaskedPaths: [] },
    ]) {
      expect([host, verdict(admin, host)]).toEqual([host, undefined]);
    }
    expect(verdict(admin, { CgroupParent: '/x' })).toBe(400);
  });

  it('leaves a confined caller what a dev container needs', () => {
    for (const host of [
      {
        CapAdd: ['SYS_PTRACE'],
        SecurityOpt: ['no-new-privileges'],
        Init: true,
        Memory: 64 << 20,
        PidsLimit: 100,
        NanoCpus: 5e8,
      },
      { CapAdd: ['CAP_SYS_PTRACE'], Binds: ['/tmp:/x:ro', 'vol:/y'], Tmpfs: { '/t': 'size=1m' } },
      {
        PortBindings: {
          '80/tcp': [
            { HostIp: '', HostPort: '' },
            { HostIp: '127.0.0.1', HostPort: '8080' },
          ],
        },
        PublishAllPorts: true,
      },
      {
        NetworkMode: 'default',
        IpcMode: 'private',
        LogConfig: { Type: 'json-file' },
        RestartPolicy: { Name: 'unless-stopped' },
        OomScoreAdj: 500,
      },
      {
        Sysctls: { 'net.ipv4.ip_forward': '1' },
        Annotations: { 'berth.bind-user': 'vscode' },
        ShmSize: 1 << 20,
      },
    ]) {
      expect([host, verdict(confined, host)]).toEqual([host, undefined]);
    }
  });

  it('takes every neutral spelling of every key', () => {
    for (const key of Object.keys(hostConfigShape)) {
      if (['MaskedPaths', 'ReadonlyPaths'].includes(key)) continue;
      for (const neutral of [null, 0, '', false, [], {}]) {
        const parsed = hostConfig.safeParse({ [key]: neutral });
        if (parsed.success)
          expect([key, neutral, verdict(confined, { [key]: neutral })]).toEqual([key, neutral, undefined]);
      }
    }
    expect(verdict(confined, { MemorySwappiness: -1, PidsLimit: -1, ConsoleSize: [0, 0] })).toBeUndefined();
  });

  it('refuses a key that nobody knows, by name', () => {
    expect(() => containerCreate.parse({ Image: 'x', HostConfig: { SomethingNew: true } })).toThrow(
      /SomethingNew/,
    );
  });

  it('judges the other ways to the same effects', () => {
    expect(() => judgeExec(confined, { Privileged: true, Cmd: ['sh'] })).toThrow(/not allowed/);
    expect(() =>
      judgeVolumeCreate(confined, { Name: 'v', DriverOpts: { type: 'none', o: 'bind', device: '/etc' } }),
    ).toThrow(/not allowed/);
    expect(() => judgeNetworkCreate(confined, { Name: 'n', Driver: 'macvlan' })).toThrow(/not allowed/);
    expect(() =>
      judgeNetworkCreate(confined, { Name: 'n', IPAM: { Config: [{ Subnet: '10.0.0.0/8' }] } }),
    ).toThrow(/not allowed/);
    expect(() =>
      judgeNetworkCreate(confined, { Name: 'n', IPAM: { Driver: 'default', Config: [] }, EnableIPv6: false }),
    ).not.toThrow();
  });

  it('refuses text that would break out of files and environments', () => {
    expect(() => judgeCreate(confined, containerCreate.parse({ Image: 'x', Hostname: 'a\nb' }))).toThrow(
      /invalid hostname/,
    );
    expect(() => judgeCreate(confined, containerCreate.parse({ Image: 'x', Env: ['A=\0'] }))).toThrow(
      /environment/,
    );
  });
});
