/** Volumes: made when first named, kept until removed, never shared between owners. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { VolumeCreate, VolumeInspect, VolumeList } from '../../protocol/docker';
import type { Caller, Filters, VolumeService } from '../api/services';
import { matchesLabels } from '../containers/label-filter';
import { rfc3339 } from '../clock';
import { checkVolumeName } from '../containers/mount-spec';
import { EngineError } from '../error';
import type { EventBus } from '../system/event-bus';
import { judgeVolumeCreate } from '../policy/policy';
import { maySee, ownFirst } from '../policy/visibility';
import type { Warden } from '../warden/verbs';
import type { Volume, VolumeStore } from './volume-store';

const nsPerMs = 1_000_000n;

export interface VolumesOptions {
  readonly store: VolumeStore;
  readonly warden: Warden;
  readonly root: string;
  readonly events: EventBus;
  /** Containers, of whoever, that have this directory among their mounts. */
  readonly usersOf: (directory: string) => readonly string[];
}

export class Volumes implements VolumeService {
  constructor(private readonly options: VolumesOptions) {}

  /** The owner's volume of this name, made if it is missing; without a name an anonymous one. */
  async ensure(
    ownerUid: number,
    name: string | undefined,
    labels: Readonly<Record<string, string>>,
  ): Promise<Volume> {
    const known = name === undefined ? undefined : this.options.store.named(ownerUid, name);
    if (known !== undefined) return known;
    const volume: Volume = {
      ownerUid,
      name: name ?? randomBytes(32).toString('hex'),
      directory: join(this.options.root, 'volumes', randomBytes(16).toString('hex')),
      createdAt: Date.now(),
      anonymous: name === undefined,
      labels: name === undefined ? { 'com.docker.volume.anonymous': '', ...labels } : labels,
      options: {},
    };
    await this.options.warden.makeTree(volume.directory, 'directory');
    this.options.store.insert(volume);
    this.options.events.emit(ownerUid, 'volume', 'create', volume.name, { driver: 'local' });
    return volume;
  }

  /** Removes an anonymous volume together with its container, unless another container uses it. */
  async removeAnonymous(ownerUid: number, name: string): Promise<void> {
    const volume = this.options.store.named(ownerUid, name);
    if (volume?.anonymous === true && this.options.usersOf(volume.directory).length === 0)
      await this.destroy(volume);
  }

  async list(caller: Caller, filters: Filters): Promise<VolumeList> {
    const dangling = filters.get('dangling')?.[0];
    const volumes = this.options.store.all().filter((volume) => {
      if (!maySee(caller, volume.ownerUid) || !matchesLabels(volume.labels, filters.get('label') ?? []))
        return false;
      const names = filters.get('name');
      if (names !== undefined && !names.some((part) => volume.name.includes(part))) return false;
      if (filters.get('driver')?.includes('local') === false) return false;
      return (
        dangling === undefined ||
        ['true', '1'].includes(dangling) === (this.options.usersOf(volume.directory).length === 0)
      );
    });
    return Promise.resolve({ Volumes: volumes.map(inspectVolume), Warnings: null });
  }

  async create(caller: Caller, body: VolumeCreate): Promise<VolumeInspect> {
    judgeVolumeCreate(caller, body);
    const name = body.Name === undefined || body.Name === '' ? undefined : checkVolumeName(body.Name);
    return inspectVolume(await this.ensure(caller.uid, name, body.Labels ?? {}));
  }

  async inspect(caller: Caller, name: string): Promise<VolumeInspect> {
    return Promise.resolve(inspectVolume(this.find(caller, name)));
  }

  async remove(caller: Caller, name: string, force: boolean): Promise<void> {
    let volume: Volume;
    try {
      volume = this.find(caller, name);
    } catch (error) {
      if (force) return;
      throw error;
    }
    const users = this.options.usersOf(volume.directory);
    if (users.length > 0)
      throw new EngineError(409, 'volume-in-use', `remove ${name}: volume is in use - [${users.join(', ')}]`);
    await this.destroy(volume);
  }

  async prune(
    caller: Caller,
    filters: Filters,
  ): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
    const all = ['true', '1'].includes(filters.get('all')?.[0] ?? '');
    const idle = this.options.store
      .all()
      .filter(
        (volume) =>
          volume.ownerUid === caller.uid &&
          (all || volume.anonymous) &&
          this.options.usersOf(volume.directory).length === 0,
      )
      .filter((volume) => matchesLabels(volume.labels, filters.get('label') ?? []));
    let reclaimed = 0;
    for (const volume of idle) reclaimed += await this.destroy(volume);
    return { VolumesDeleted: idle.map((volume) => volume.name), SpaceReclaimed: reclaimed };
  }

  private find(caller: Caller, name: string): Volume {
    const visible = this.options.store
      .all()
      .filter((volume) => volume.name === name && maySee(caller, volume.ownerUid));
    const volume = ownFirst(caller, visible, (each) => each.ownerUid);
    if (volume === undefined) throw new EngineError(404, 'no-such-volume', `get ${name}: no such volume`);
    return volume;
  }

  private async destroy(volume: Volume): Promise<number> {
    const freed = await this.options.warden.removeTree(volume.directory);
    this.options.store.delete(volume);
    this.options.events.emit(volume.ownerUid, 'volume', 'destroy', volume.name, { driver: 'local' });
    return freed;
  }
}

function inspectVolume(volume: Volume): VolumeInspect {
  return {
    Name: volume.name,
    Driver: 'local',
    Mountpoint: volume.directory,
    CreatedAt: rfc3339(BigInt(volume.createdAt) * nsPerMs),
    Labels: { ...volume.labels },
    Scope: 'local',
    Options: null,
  };
}
