/** Makes containers: name, image, configuration, mounts, directory, row; nothing is left behind when a step fails. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { ContainerCreate, ContainerCreated, HostConfig } from '../../protocol/docker';
import type { Caller, ImageService, ResolvedImage } from '../api/services';
import { nowNs, rfc3339 } from '../clock';
import { EngineError } from '../error';
import { matches, parsePlatform, platformText } from '../images/platform';
import { fixedNetworks, Networks } from '../networks/networks';
import { judgeCreate } from '../policy/policy';
import { judgePublish } from '../policy/published-address';
import { refused } from '../policy/refusal';
import type { Volumes } from '../volumes/volumes';
import type { Hello, Warden } from '../warden/verbs';
import { WardenError } from '../warden/warden-error';
import { capabilitiesFor } from './plan-compiler';
import { Container, freshState } from './container';
import { checkName, generateName } from './container-name';
import type { ContainerRecord, RecordedMount } from './container-record';
import type { ContainerStore } from './container-store';
import type { Instance } from './instance';
import type { Lifecycle } from './lifecycle';
import { checkKernel } from './kernel-needs';
import { mergeConfig } from './merge-config';
import { mountRequests } from './mount-spec';
import type { MountRequest } from './mount-spec';
import { extraHost, publishedPorts } from './port-spec';
import type { ContainerRegistry } from './registry';
import { resourcesOf, rlimitsOf } from './resource-limits';
import { parseSignal } from './signals';

export interface CreationOptions {
  readonly instance: Instance;
  readonly warden: Warden;
  readonly images: ImageService;
  readonly registry: ContainerRegistry;
  readonly store: ContainerStore;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly lifecycle: Lifecycle;
  readonly hello: () => Hello | undefined;
  /** How many containers one confined user may have. */
  readonly maxContainers: number;
}

export class Creation {
  constructor(private readonly options: CreationOptions) {}

  async create(
    caller: Caller,
    name: string | undefined,
    platform: string | undefined,
    body: ContainerCreate,
  ): Promise<ContainerCreated> {
    const began = performance.now();
    judgeCreate(caller, body);
    checkKernel(this.options.hello());
    const given = name === undefined || name === '' ? undefined : checkName(name);
    if (body.Image === undefined || body.Image === '')
      throw new EngineError(400, 'no-image', 'no image specified: name the image to run');
    const { registry } = this.options;
    this.checkQuota(caller);
    const chosen = given ?? generateName((candidate) => registry.isTaken(caller.uid, candidate));
    const release = registry.reserve(caller.uid, chosen);
    try {
      await this.checkPlatform(caller, body.Image, platform);
      const image = await this.options.images.resolve(caller, body.Image);
      const resolvedMs = performance.now() - began;
      try {
        return await this.createNamed(caller, chosen, image, body, { began, resolvedMs });
      } finally {
        image.release();
      }
    } finally {
      release();
    }
  }

  /** Not found, so that a client pulls the one for that platform. */
  private async checkPlatform(caller: Caller, image: string, platform: string | undefined): Promise<void> {
    if (platform === undefined || platform === '') return;
    const wanted = parsePlatform(platform);
    const { Os: os, Architecture: architecture } = await this.options.images.inspect(caller, image);
    if (matches({ os: wanted.os, architecture: wanted.architecture }, { os, architecture })) return;
    throw new EngineError(
      404,
      'no-such-image',
      `image with reference ${image} was found but its platform (${platformText({ os, architecture })}) does not match the specified platform (${platformText(wanted)})`,
    );
  }

  private checkQuota(caller: Caller): void {
    const { registry, maxContainers } = this.options;
    if (caller.admin || registry.visible(caller).length < maxContainers) return;
    throw refused(
      caller,
      'quota',
      `container number ${maxContainers + 1}`,
      `${maxContainers} are as many as one user may have`,
      'Remove some: docker container prune.',
    );
  }

  private async createNamed(
    caller: Caller,
    name: string,
    image: ResolvedImage,
    body: ContainerCreate,
    clock: { began: number; resolvedMs: number },
  ): Promise<ContainerCreated> {
    const id = randomBytes(32).toString('hex');
    const { config, args } = mergeConfig(id, body, image.config);
    const host = body.HostConfig ?? {};
    checkOptions(caller, config, host);
    const place = await this.place(caller, body);
    const requests = mountRequests(host, Object.keys(config.Volumes ?? {}));
    const { warden, instance, volumes, lifecycle, store, registry } = this.options;
    const mounts = await this.recordMounts(caller, requests);
    try {
      await warden.makeTree(instance.containerDirectory(id), 'container');
      const record: ContainerRecord = {
        id,
        ownerUid: caller.uid,
        name,
        created: rfc3339(nowNs()),
        imageId: image.id,
        layers: [...image.layers],
        caller: { uid: caller.uid, gid: caller.gid, groups: [...caller.groups], admin: caller.admin },
        config,
        hostConfig: host,
        args: [...args],
        mounts,
        ...place,
      };
      const trace = [
        {
          Name: 'create',
          Detail: `${name} (${id.slice(0, 12)}) for uid ${caller.uid}`,
          Milliseconds: performance.now() - clock.began - clock.resolvedMs,
        },
        {
          Name: 'image',
          Detail: `${image.name} is ${image.id.slice(0, 19)}`,
          Milliseconds: clock.resolvedMs,
        },
      ];
      const container = new Container(record, { ...freshState, trace }, instance.monitorSocket(id));
      store.insert(record, container.state);
      registry.add(container);
      lifecycle.emit(container, 'create', {});
    } catch (error) {
      await warden.removeTree(instance.containerDirectory(id));
      for (const mount of mounts)
        if (mount.anonymous && mount.name !== undefined)
          await volumes.removeAnonymous(caller.uid, mount.name);
      throw error;
    }
    return { Id: id, Warnings: [] };
  }

  /** The network's name and the container's place in it. @throws EngineError 404 for a network that is not there */
  private async place(
    caller: Caller,
    body: ContainerCreate,
  ): Promise<Pick<ContainerRecord, 'network' | 'aliases' | 'requestedIp'>> {
    const endpoints = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {}).map(
      ([name, settings]) => ({ name: Networks.normalName(name), settings }),
    );
    if (endpoints.length > 1)
      throw new EngineError(
        400,
        'too-many-networks',
        'a container can be in one network only: name one of them',
      );
    const mode = body.HostConfig?.NetworkMode;
    const wanted =
      body.NetworkDisabled === true
        ? 'none'
        : Networks.normalName(mode === undefined || mode === '' ? endpoints[0]?.name : mode);
    if (fixedNetworks.has(wanted)) return { network: wanted, aliases: [], requestedIp: '' };
    const network = await this.options.networks.find(caller.uid, wanted);
    const settings = endpoints.find(({ name }) => name === wanted || name === network.id)?.settings;
    return {
      network: network.name,
      aliases: settings?.Aliases ?? [],
      requestedIp: settings?.IPAMConfig?.IPv4Address ?? '',
    };
  }

  private async recordMounts(caller: Caller, requests: readonly MountRequest[]): Promise<RecordedMount[]> {
    const mounts: RecordedMount[] = [];
    for (const { createSource, volumeLabels, ...mount } of requests) {
      if (mount.type === 'bind') {
        await this.checkBind(caller, mount.source, createSource);
        mounts.push(mount);
      } else if (mount.type === 'volume') {
        const volume = await this.options.volumes.ensure(
          caller.uid,
          mount.anonymous ? undefined : mount.name,
          volumeLabels,
        );
        mounts.push({ ...mount, name: volume.name, source: volume.directory });
      } else mounts.push(mount);
    }
    return mounts;
  }

  private async checkBind(caller: Caller, path: string, createMissing: boolean): Promise<void> {
    try {
      await this.options.warden.checkBind(caller, path, createMissing);
    } catch (error) {
      if (!(error instanceof WardenError)) throw error;
      if (error.code === 'bind-missing')
        throw new EngineError(
          400,
          'bind-missing',
          `invalid mount config for type "bind": bind source path does not exist: ${path}`,
          { cause: error },
        );
      const why =
        error.code === 'bind-forbidden'
          ? 'it belongs to the system or to the helper itself'
          : `uid ${caller.uid} may not read it`;
      throw new EngineError(
        403,
        error.code,
        `cannot mount ${path}: ${why} (${error.message}). Mount a directory of your own instead.`,
        { cause: error },
      );
    }
  }
}

/** What would fail at every start is refused before there is a container. */
function checkOptions(caller: Caller, config: ContainerRecord['config'], host: HostConfig): void {
  if (config.StopSignal !== undefined && config.StopSignal !== '') parseSignal(config.StopSignal);
  resourcesOf(host, availableParallelism());
  rlimitsOf(host.Ulimits ?? []);
  capabilitiesFor(host);
  for (const port of publishedPorts(config, host)) judgePublish(caller, port.hostIp, port.hostPort);
  for (const entry of host.ExtraHosts ?? []) extraHost(entry, '127.0.0.1');
}
