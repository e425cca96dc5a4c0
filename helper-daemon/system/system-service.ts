/** What the engine says of itself. */
import { readFileSync } from 'node:fs';
import { availableParallelism, hostname, release, totalmem } from 'node:os';
import { arch } from 'node:process';
import type { DiskUsage, DoctorReport, Info, Version } from '../../protocol/docker';
import type { Caller, ContainerService, ImageService, SystemService, VolumeService } from '../api/services';
import { nowNs, rfc3339 } from '../clock';
import type { ContainerRegistry } from '../containers/registry';
import type { Hello, Warden } from '../warden/verbs';
import { cgroupVersion } from './cgroup-version';
import { examine } from './doctor';
import type { EventBus } from './event-bus';
import { operatingSystem } from './operating-system';
import { engineVersion, versionAnswer } from './version';

const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

export interface SystemOptions {
  readonly id: string;
  readonly root: string;
  readonly warden: Warden;
  readonly hello: () => Hello | undefined;
  readonly registry: ContainerRegistry;
  readonly containers: ContainerService;
  readonly images: ImageService;
  readonly volumes: VolumeService;
  readonly events: EventBus;
  readonly debug: boolean;
}

export class System implements SystemService {
  constructor(private readonly options: SystemOptions) {}

  version(): Version {
    return versionAnswer();
  }

  async info(caller: Caller): Promise<Info> {
    const { registry, images, events, hello, id, root, debug } = this.options;
    const visible = registry.visible(caller);
    const count = (...statuses: readonly string[]) =>
      visible.filter((container) => statuses.includes(container.state.status)).length;
    const system = operatingSystem();
    const features = new Set(hello()?.features);
    return Promise.resolve({
      ID: id,
      Containers: visible.length,
      ContainersRunning: count('running', 'restarting'),
      ContainersPaused: count('paused'),
      ContainersStopped: count('created', 'exited', 'dead'),
      Images: images.count(caller),
      Driver: 'overlay2',
      DriverStatus: [
        ['Store', 'berth directory layers'],
        ['User namespaces', features.has('userns') ? 'always' : 'missing'],
      ],
      Plugins: {
        Volume: ['local'],
        Network: ['bridge', 'host', 'null'],
        Authorization: null,
        Log: ['json-file', 'local', 'none'],
      },
      MemoryLimit: true,
      SwapLimit: true,
      CpuCfsPeriod: true,
      CpuCfsQuota: true,
      CPUShares: true,
      CPUSet: true,
      PidsLimit: true,
      IPv4Forwarding: true,
      Debug: debug,
      NFd: 0,
      OomKillDisable: false,
      NGoroutines: 0,
      SystemTime: rfc3339(nowNs()),
      LoggingDriver: 'json-file',
      CgroupDriver: 'cgroupfs',
      CgroupVersion: cgroupVersion(features) ?? '1',
      NEventsListener: events.listenerCount,
      KernelVersion: release(),
      OperatingSystem: system.name,
      OSVersion: system.version,
      OSType: 'linux',
      Architecture: machines[arch] ?? arch,
      IndexServerAddress: 'https://index.docker.io/v1/',
      RegistryConfig: {
        InsecureRegistryCIDRs: ['127.0.0.0/8', '::1/128'],
        IndexConfigs: { 'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true } },
        Mirrors: null,
      },
      NCPU: availableParallelism(),
      MemTotal: totalmem(),
      GenericResources: null,
      DockerRootDir: root,
      HttpProxy: '',
      HttpsProxy: '',
      NoProxy: '',
      Name: hostname(),
      Labels: [],
      ExperimentalBuild: false,
      ServerVersion: engineVersion,
      Runtimes: { runc: { path: 'berth-runtime' } },
      DefaultRuntime: 'runc',
      Swarm: {
        NodeID: '',
        NodeAddr: '',
        LocalNodeState: 'inactive',
        ControlAvailable: false,
        Error: '',
        RemoteManagers: null,
      },
      LiveRestoreEnabled: true,
      Isolation: '',
      InitBinary: 'berth-init',
      SecurityOptions: [
        'name=seccomp,profile=builtin',
        ...(features.has('userns') ? ['name=userns'] : []),
        'name=cgroupns',
      ],
      CDISpecDirs: null,
      Warnings: null,
    });
  }

  async diskUsage(caller: Caller): Promise<DiskUsage> {
    const { images, containers, volumes, warden, registry } = this.options;
    const [{ LayersSize, Images }, Containers, { Volumes }] = await Promise.all([
      images.diskUsage(caller),
      containers.list(caller, { all: true, limit: 0, size: true, filters: new Map() }),
      volumes.list(caller, new Map()),
    ]);
    const withUsage = await Promise.all(
      (Volumes ?? []).map(async (volume) => {
        const users = registry
          .all()
          .filter((container) => container.record.mounts.some((mount) => mount.source === volume.Mountpoint));
        return {
          ...volume,
          UsageData: { Size: (await warden.usage(volume.Mountpoint)).bytes, RefCount: users.length },
        };
      }),
    );
    return { LayersSize, Images, Containers, Volumes: withUsage, BuildCache: [] };
  }

  doctor(_caller: Caller): Promise<DoctorReport> {
    return examine(this.options);
  }
}

/** The machine's id, or the host's name where there is none: stable over restarts. */
export function machineId(file = '/etc/machine-id'): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return hostname();
    throw error;
  }
}
