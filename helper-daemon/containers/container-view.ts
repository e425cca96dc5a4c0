/** What inspect and list say of a container. */
import type {
  ContainerInspect,
  ContainerSummary,
  EndpointSettings,
  HostConfig,
  MountPoint,
  NetworkSettings,
} from '../../protocol/docker';
import { nowNs, parseRfc3339 } from '../clock';
import type { Endpoint, Network, NetworkStore } from '../networks/network-store';
import type { Container } from './container';
import type { Sizes } from './container-sizes';
import { humanDuration } from './human-duration';
import type { Instance } from './instance';
import { maskedPaths, readonlyPaths } from '../policy/system-paths';
import { portsForInspect, portsForList } from './port-spec';

const driver = 'overlay2';

/** The options that clients read without asking whether they are there. */
function completeHostConfig(host: HostConfig, network: string): HostConfig {
  const defaults: HostConfig = {
    Binds: [],
    NetworkMode: network,
    PortBindings: {},
    AutoRemove: false,
    VolumeDriver: '',
    IpcMode: 'private',
    PidMode: '',
    UTSMode: '',
    UsernsMode: '',
    CgroupnsMode: 'private',
    Privileged: false,
    PublishAllPorts: false,
    ReadonlyRootfs: false,
    ShmSize: 64 * 1024 * 1024,
    Runtime: 'runc',
    Memory: 0,
    NanoCpus: 0,
    CpuShares: 0,
    MaskedPaths: [...maskedPaths],
    ReadonlyPaths: [...readonlyPaths],
  };
  return {
    ...defaults,
    ...host,
    NetworkMode: network,
    LogConfig: {
      Type:
        host.LogConfig?.Type === undefined || host.LogConfig.Type === '' ? 'json-file' : host.LogConfig.Type,
      Config: host.LogConfig?.Config ?? {},
    },
    RestartPolicy: {
      Name:
        host.RestartPolicy?.Name === undefined || host.RestartPolicy.Name === ''
          ? 'no'
          : host.RestartPolicy.Name,
      MaximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    },
  };
}

function mountPoints(container: Container): MountPoint[] {
  return container.record.mounts
    .filter((mount) => mount.type !== 'tmpfs' || mount.mode === '')
    .map((mount) => ({
      Type: mount.type,
      ...(mount.name === undefined ? {} : { Name: mount.name }),
      Source: mount.source,
      Destination: mount.target,
      ...(mount.type === 'volume' ? { Driver: 'local' } : {}),
      Mode: mount.mode,
      RW: !mount.readonly,
      Propagation: mount.type === 'bind' ? 'rprivate' : '',
    }));
}

/** Names under which others in the network find the container. */
export function dnsNames(container: Container): string[] {
  const { name, aliases, config, id } = container.record;
  return [
    ...new Set([
      name,
      ...aliases,
      id.slice(0, 12),
      ...(config.Hostname === undefined || config.Hostname === '' ? [] : [config.Hostname]),
    ]),
  ];
}

function endpointSettings(
  container: Container,
  network: Network | undefined,
  endpoint: Endpoint | undefined,
): EndpointSettings {
  return {
    Links: [],
    Aliases: [...container.record.aliases],
    DriverOpts: {},
    GwPriority: 0,
    MacAddress: endpoint?.mac ?? '',
    NetworkID: network?.id ?? '',
    EndpointID: endpoint?.endpointId ?? '',
    Gateway: endpoint === undefined ? '' : (network?.gateway ?? ''),
    IPAddress: endpoint?.ip ?? '',
    IPPrefixLen: endpoint === undefined ? 0 : (network?.prefix ?? 0),
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    DNSNames: dnsNames(container),
  };
}

interface Placement {
  readonly settings: EndpointSettings;
  readonly networks: Record<string, EndpointSettings>;
}

function placement(container: Container, store: NetworkStore): Placement {
  const { network: name, ownerUid } = container.record;
  const settings = endpointSettings(container, store.named(ownerUid, name), store.endpointOf(container.id));
  return { settings, networks: { [name]: settings } };
}

function networkSettings(container: Container, store: NetworkStore): NetworkSettings {
  const { settings, networks } = placement(container, store);
  const onBridge = container.record.network === 'bridge';
  return {
    Bridge: '',
    SandboxID: container.id,
    SandboxKey: '',
    Ports: container.alive ? portsForInspect(container.record.config, container.state.ports) : {},
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: onBridge ? (settings.EndpointID ?? '') : '',
    Gateway: onBridge ? (settings.Gateway ?? '') : '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: onBridge ? (settings.IPAddress ?? '') : '',
    IPPrefixLen: onBridge ? (settings.IPPrefixLen ?? 0) : 0,
    IPv6Gateway: '',
    MacAddress: onBridge ? (settings.MacAddress ?? '') : '',
    Networks: networks,
  };
}

export function inspectContainer(
  container: Container,
  instance: Instance,
  store: NetworkStore,
  sizes: Sizes | undefined,
): ContainerInspect {
  const { record, state } = container;
  const directory = instance.containerDirectory(record.id);
  const [path = '', ...args] = record.args;
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: {
      Status: container.removing === undefined ? state.status : 'removing',
      Running: container.alive || state.status === 'restarting',
      Paused: state.status === 'paused',
      Restarting: state.status === 'restarting',
      OOMKilled: state.oomKilled,
      Dead: state.status === 'dead',
      Pid: state.pid,
      ExitCode: state.exitCode,
      Error: state.error,
      StartedAt: state.startedAt,
      FinishedAt: state.finishedAt,
    },
    Image: record.imageId,
    ResolvConfPath: '',
    HostnamePath: '',
    HostsPath: '',
    LogPath: `${directory}/log`,
    Name: `/${record.name}`,
    RestartCount: state.restartCount,
    Driver: driver,
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: container.execIds.size === 0 ? null : [...container.execIds],
    HostConfig: completeHostConfig(record.hostConfig, record.network),
    GraphDriver: {
      Name: driver,
      Data: {
        UpperDir: `${directory}/rw/u`,
        WorkDir: `${directory}/rw/w`,
        LowerDir: [...record.layers].reverse().join(':'),
      },
    },
    Mounts: mountPoints(container),
    Config: record.config,
    NetworkSettings: networkSettings(container, store),
    ...(sizes === undefined ? {} : { SizeRw: sizes.rw, SizeRootFs: sizes.rootFs }),
  };
}

function ago(timestamp: string): string {
  return humanDuration(Number(nowNs() - parseRfc3339(timestamp)) / 1e9);
}

function statusText(container: Container): string {
  const { state } = container;
  switch (state.status) {
    case 'running':
      return `Up ${ago(state.startedAt)}`;
    case 'paused':
      return `Up ${ago(state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${ago(state.finishedAt)} ago`;
    case 'exited':
      return `Exited (${state.exitCode}) ${ago(state.finishedAt)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'created':
      return 'Created';
  }
}

const quoted = (argument: string) => (/\s/.test(argument) ? `'${argument}'` : argument);

export function summarizeContainer(
  container: Container,
  store: NetworkStore,
  sizes: Sizes | undefined,
): ContainerSummary {
  const { record, state } = container;
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: record.config.Image ?? '',
    ImageID: record.imageId,
    Command: record.args.map(quoted).join(' '),
    Created: Number(parseRfc3339(record.created) / 1_000_000_000n),
    Ports: container.alive ? portsForList(record.config, state.ports) : [],
    ...(sizes === undefined ? {} : { SizeRw: sizes.rw, SizeRootFs: sizes.rootFs }),
    Labels: record.config.Labels ?? {},
    State: container.removing === undefined ? state.status : 'removing',
    Status: statusText(container),
    HostConfig: {
      NetworkMode: record.network,
      ...(record.hostConfig.Annotations === undefined ? {} : { Annotations: record.hostConfig.Annotations }),
    },
    NetworkSettings: { Networks: placement(container, store).networks },
    Mounts: mountPoints(container),
  };
}
