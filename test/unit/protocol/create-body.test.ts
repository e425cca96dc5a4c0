import { describe, expect, it } from 'vitest';
import {
  containerCreate,
  containerUpdate,
  execStart,
  hostConfigShape,
  networkConnect,
} from '../../../protocol/docker';

/** `docker run -it -v /a:/b -p 8080:80 --cap-add SYS_PTRACE busybox sh` as docker CLI 28.2.2 sends it. */
const fromTheCli = {
  Hostname: '',
  Domainname: '',
  User: '',
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  ExposedPorts: { '80/tcp': {} },
  Tty: true,
  OpenStdin: true,
  StdinOnce: true,
  Env: null,
  Cmd: ['sh'],
  Image: 'busybox',
  Volumes: {},
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: {},
  HostConfig: {
    Binds: ['/a:/b'],
    ContainerIDFile: '',
    LogConfig: { Type: '', Config: {} },
    NetworkMode: 'default',
    PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] },
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    AutoRemove: false,
    VolumeDriver: '',
    VolumesFrom: null,
    ConsoleSize: [40, 120],
    CapAdd: ['CAP_SYS_PTRACE'],
    CapDrop: null,
    CgroupnsMode: '',
    Dns: [],
    DnsOptions: [],
    DnsSearch: [],
    ExtraHosts: null,
    GroupAdd: null,
    IpcMode: '',
    Cgroup: '',
    Links: null,
    OomScoreAdj: 0,
    PidMode: '',
    Privileged: false,
    PublishAllPorts: false,
    ReadonlyRootfs: false,
    SecurityOpt: null,
    UTSMode: '',
    UsernsMode: '',
    ShmSize: 0,
    Isolation: '',
    CpuShares: 0,
    Memory: 0,
    NanoCpus: 0,
    CgroupParent: '',
    BlkioWeight: 0,
    BlkioWeightDevice: [],
    BlkioDeviceReadBps: [],
    BlkioDeviceWriteBps: [],
    BlkioDeviceReadIOps: [],
    BlkioDeviceWriteIOps: [],
    CpuPeriod: 0,
    CpuQuota: 0,
    CpuRealtimePeriod: 0,
    CpuRealtimeRuntime: 0,
    CpusetCpus: '',
    CpusetMems: '',
    Devices: [],
    DeviceCgroupRules: null,
    DeviceRequests: null,
    MemoryReservation: 0,
    MemorySwap: 0,
    MemorySwappiness: -1,
    OomKillDisable: false,
    PidsLimit: 0,
    Ulimits: [],
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    MaskedPaths: null,
    ReadonlyPaths: null,
  },
  NetworkingConfig: { EndpointsConfig: { default: { IPAMConfig: null, Links: null, Aliases: null } } },
};

describe('create body', () => {
  it('takes what the docker CLI sends, and keeps what was said', () => {
    const body = containerCreate.parse(fromTheCli);
    expect(body.HostConfig?.Binds).toEqual(['/a:/b']);
    expect(body.HostConfig?.PortBindings).toEqual({ '80/tcp': [{ HostIp: '', HostPort: '8080' }] });
    expect(body.HostConfig?.ConsoleSize).toEqual([40, 120]);
    expect(body.HostConfig?.MaskedPaths).toBeUndefined();
    expect(body.Env).toBeUndefined();
    expect(Object.keys(body.NetworkingConfig?.EndpointsConfig ?? {})).toEqual(['default']);
  });

  it('takes the spellings of other clients', () => {
    const body = containerCreate.parse({
      image: 'busybox',
      Cmd: 'sh',
      Labels: { a: null, b: 1 },
      ExposedPorts: { '80/tcp': null },
      HostConfig: { Memory: '67108864', PortBindings: { '80/tcp': null }, GroupAdd: [1000], Init: 1 },
      NetworkingConfig: { EndpointsConfig: { shared: null } },
    });
    expect(body).toMatchObject({
      Image: 'busybox',
      Cmd: ['sh'],
      Labels: { a: '', b: '1' },
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { Memory: 67_108_864, PortBindings: { '80/tcp': [] }, GroupAdd: ['1000'], Init: true },
      NetworkingConfig: { EndpointsConfig: { shared: {} } },
    });
  });

  it('tells an empty list of masked paths from none', () => {
    expect(containerCreate.parse({ HostConfig: { MaskedPaths: [] } }).HostConfig?.MaskedPaths).toEqual([]);
  });

  it('names what it does not know at any depth, unless it says nothing', () => {
    const mount = { Type: 'bind', Target: '/a', BindOptions: { Magic: true } };
    const result = containerCreate.safeParse({
      HostConfig: { Mounts: [mount], Wings: { left: [], right: 0 } },
    });
    expect(result.error?.issues).toMatchObject([
      { code: 'unrecognized_keys', keys: ['Magic'], path: ['HostConfig', 'Mounts', 0, 'BindOptions'] },
    ]);
  });

  it('does not let one spelling of a key hide another', () => {
    for (const twice of [
      { Privileged: false, privileged: true },
      { PRIVILEGED: true, Privileged: false },
    ]) {
      expect(containerCreate.safeParse({ HostConfig: twice }).success).toBe(false);
    }
  });

  it('keeps every key of the host part apart: a wrong type is an error, null is absence', () => {
    for (const key of Object.keys(hostConfigShape)) {
      expect(containerCreate.safeParse({ HostConfig: { [key]: null } }).success, key).toBe(true);
      expect(containerCreate.safeParse({ HostConfig: { [key]: { odd: [1.5] } } }).success, key).toBe(false);
    }
  });

  it('is not moved by prototype tricks', () => {
    const body = containerCreate.safeParse(
      JSON.parse('{"Image":"a","__proto__":{"Tty":true},"constructor":{"x":1}}'),
    );
    expect(body.success).toBe(false);
    expect(containerCreate.parse(JSON.parse('{"Image":"a","__proto__":{}}'))).toEqual({ Image: 'a' });
  });
});

describe('other bodies', () => {
  it('reads an exec start of dockerode', () => {
    expect(execStart.parse({ hijack: true, stdin: true, Detach: false })).toMatchObject({ Detach: false });
  });

  it('reads an update with everything unset', () => {
    expect(containerUpdate.parse({ Memory: 0, CpuShares: null, RestartPolicy: {} })).toMatchObject({
      Memory: 0,
    });
  });

  it('reads the endpoint of compose', () => {
    const body = networkConnect.parse({
      Container: 'x',
      EndpointConfig: { Aliases: ['db'], IPAMConfig: {} },
    });
    expect(body.EndpointConfig?.Aliases).toEqual(['db']);
  });
});
