import type * as wire from '../../../../protocol/docker';
import { EngineError } from '../../../../helper-daemon/error';
import type { NetworkService, SystemService, VolumeService } from '../../../../helper-daemon/api/services';
import type { MemoryContainer } from './memory-engine';

/** Docker's stdcopy frames; a terminal has none. */
export class Framer {
  constructor(private readonly tty: boolean) {}

  frame(kind: 1 | 2, data: Buffer): Buffer {
    if (this.tty) return data;
    const header = Buffer.alloc(8);
    header.writeUInt8(kind, 0);
    header.writeUInt32BE(data.length, 4);
    return Buffer.concat([header, data]);
  }
}

const never = '0001-01-01T00:00:00Z';

export function inspectOf(container: MemoryContainer): wire.ContainerInspect {
  const { HostConfig: hostConfig, NetworkingConfig: _networking, ...config } = container.body;
  return {
    Id: container.id,
    Created: container.created.toISOString(),
    Path: config.Cmd?.[0] ?? '',
    Args: config.Cmd?.slice(1) ?? [],
    State: {
      Status: container.status,
      Running: container.status === 'running',
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: 0,
      ExitCode: container.exitCode,
      Error: '',
      StartedAt: never,
      FinishedAt: never,
    },
    Image: `sha256:${'0'.repeat(64)}`,
    ResolvConfPath: '',
    HostnamePath: '',
    HostsPath: '',
    LogPath: '',
    Name: `/${container.name}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: { ...hostConfig, LogConfig: { Type: 'json-file', Config: {} } },
    GraphDriver: { Name: 'overlay2', Data: null },
    Mounts: [],
    Config: config,
    NetworkSettings: {
      Bridge: '',
      SandboxID: '',
      SandboxKey: '',
      Ports: {},
      HairpinMode: false,
      LinkLocalIPv6Address: '',
      LinkLocalIPv6PrefixLen: 0,
      SecondaryIPAddresses: null,
      SecondaryIPv6Addresses: null,
      EndpointID: '',
      Gateway: '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      IPAddress: '',
      IPPrefixLen: 0,
      IPv6Gateway: '',
      MacAddress: '',
      Networks: { bridge: { Aliases: [], DNSNames: ['a'] } },
    },
  };
}

export function summaryOf(container: MemoryContainer): wire.ContainerSummary {
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.body.Image ?? '',
    ImageID: `sha256:${'0'.repeat(64)}`,
    Command: (container.body.Cmd ?? []).join(' '),
    Created: Math.floor(container.created.getTime() / 1000),
    Ports: [],
    Labels: container.body.Labels ?? {},
    State: container.status,
    Status: 'Up 1 second',
    HostConfig: {},
    NetworkSettings: { Networks: {} },
    Mounts: [],
  };
}

const noNetwork = (name: string) => new EngineError(404, 'no-such-network', `network ${name} not found`);
const noVolume = (name: string) => new EngineError(404, 'no-such-volume', `get ${name}: no such volume`);

export const emptyNetworks: NetworkService = {
  list: () => Promise.resolve([]),
  inspect: (_caller, name) => Promise.reject(noNetwork(name)),
  create: (_caller, body) => Promise.resolve({ Id: body.Name.padEnd(64, '0'), Warning: '' }),
  remove: (_caller, name) => Promise.reject(noNetwork(name)),
  connect: () => Promise.resolve(),
  disconnect: () => Promise.resolve(),
  prune: () => Promise.resolve({ NetworksDeleted: [] }),
};

export const emptyVolumes: VolumeService = {
  list: () => Promise.resolve({ Volumes: [], Warnings: null }),
  create: (_caller, body) =>
    Promise.resolve({
      Name: body.Name ?? 'anonymous',
      Driver: 'local',
      Mountpoint: '/nowhere',
      Labels: body.Labels ?? null,
      Scope: 'local',
      Options: null,
    }),
  inspect: (_caller, name) => Promise.reject(noVolume(name)),
  remove: (_caller, name) => Promise.reject(noVolume(name)),
  prune: (_caller, filters) =>
    Promise.resolve({ VolumesDeleted: [...(filters.get('all') ?? [])], SpaceReclaimed: 0 }),
};

export const systemService: SystemService = {
  version: () => ({
    Platform: { Name: 'Berth' },
    Components: [{ Name: 'Engine', Version: '28.2.2+berth0.1.0' }],
    Version: '28.2.2+berth0.1.0',
    ApiVersion: '1.51',
    MinAPIVersion: '1.24',
    GitCommit: '',
    GoVersion: 'none',
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: '6.1.0',
    BuildTime: '',
  }),
  info: () => Promise.reject(new EngineError(503, 'unavailable', 'this engine has no machine to speak of')),
  diskUsage: () =>
    Promise.resolve({ LayersSize: 7, Images: [], Containers: [], Volumes: [], BuildCache: [] }),
  doctor: () => Promise.resolve({ checks: [{ name: 'kernel', ok: true, what: 'Linux 6.1' }] }),
};
