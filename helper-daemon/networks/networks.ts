/** The networks of every owner: a bridge each, made when the first container needs it, and the names in it. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../error';
import type { Warden } from '../warden/verbs';
import { formatAddress, formatBlock, parseBlock } from './ipv4';
import type { Block } from './ipv4';
import type { Endpoint, Network, NetworkStore } from './network-store';
import { freeSubnet } from './subnet-pool';

export const defaultNetworkName = 'bridge';
/** Docker's words for "the default bridge". */
const defaultAliases: ReadonlySet<string> = new Set(['', 'default', defaultNetworkName]);
/** Networks without a bridge: the same for everybody. */
export const fixedNetworks: ReadonlySet<string> = new Set(['host', 'none']);

export interface NetworksOptions {
  readonly store: NetworkStore;
  readonly warden: Warden;
  readonly root: string;
  readonly run: string;
  readonly pool: Block;
  /** Names under which a container is found in its network. */
  readonly namesOf: (containerId: string) => readonly string[];
}

export function networkNotFound(name: string): EngineError {
  return new EngineError(404, 'no-such-network', `network ${name} not found`);
}

export class Networks {
  readonly store: NetworkStore;
  private readonly ensured = new Set<string>();
  private creating: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: NetworksOptions) {
    this.store = options.store;
    mkdirSync(join(options.run, 'names'), { recursive: true });
  }

  /** `default` and the empty string are the bridge. */
  static normalName(mode: string | undefined): string {
    return defaultAliases.has(mode ?? '') ? defaultNetworkName : (mode ?? '');
  }

  /** A network of the owner's by name, full id or a prefix of it; the default bridge is made when it is missing. @throws EngineError 404 */
  async find(ownerUid: number, name: string): Promise<Network> {
    const known = this.store.named(ownerUid, name);
    if (known !== undefined) return known;
    if (name === defaultNetworkName)
      return this.create(ownerUid, { name, internal: false, labels: {}, options: {} });
    const byId = this.store
      .networks()
      .filter((network) => network.ownerUid === ownerUid && network.id.startsWith(name));
    const [only] = byId;
    if (only === undefined || name === '' || byId.length > 1) throw networkNotFound(name);
    return only;
  }

  /** Serialised, so that two new networks never choose the same subnet. @throws EngineError 409 for a name that is taken */
  create(
    ownerUid: number,
    spec: Pick<Network, 'name' | 'internal' | 'labels' | 'options'>,
  ): Promise<Network> {
    const made = this.creating.then(() => this.createNow(ownerUid, spec));
    this.creating = made.catch(() => undefined);
    return made;
  }

  private async createNow(
    ownerUid: number,
    spec: Pick<Network, 'name' | 'internal' | 'labels' | 'options'>,
  ): Promise<Network> {
    const taken = this.store.named(ownerUid, spec.name);
    if (taken !== undefined && spec.name === defaultNetworkName) return taken;
    if (taken !== undefined)
      throw new EngineError(409, 'network-exists', `network with name ${spec.name} already exists`);
    const routes = await this.options.warden.routes();
    const blocks = [
      ...routes
        .filter((route) => route.prefix > 0)
        .map((route) => parseBlock(`${route.destination}/${route.prefix}`)),
      ...this.store.networks().map((network) => parseBlock(network.subnet)),
    ];
    const subnet = freeSubnet(this.options.pool, blocks);
    const id = randomBytes(32).toString('hex');
    const network: Network = {
      ...spec,
      id,
      ownerUid,
      createdAt: Date.now(),
      device: `br-${createHash('sha256').update(`${this.options.root}:${id}`).digest('hex').slice(0, 8)}`,
      subnet: formatBlock(subnet),
      gateway: formatAddress(subnet.base + 1),
      prefix: subnet.prefix,
    };
    this.store.insert(network);
    await this.ensureBridge(network);
    return network;
  }

  /** Makes the bridge if this life of the helper has not seen it yet. */
  async ensureBridge(network: Network): Promise<void> {
    if (this.ensured.has(network.id)) return;
    await this.options.warden.ensureBridge(network.device, network.gateway, network.prefix);
    this.ensured.add(network.id);
  }

  /** After a failed launch the bridge is looked at again: somebody may have removed it. */
  forgetBridge(network: Network): void {
    this.ensured.delete(network.id);
  }

  async remove(network: Network): Promise<void> {
    this.ensured.delete(network.id);
    await this.options.warden.removeBridge(network.device, network.gateway, network.prefix);
    rmSync(this.namesFile(network.id), { force: true });
    this.store.delete(network.id);
  }

  /** Gives the container an address, and its name to the others. */
  attach(network: Network, containerId: string, requestedIp: string): Endpoint {
    this.store.release(containerId);
    const endpoint = this.store.allocate(network, containerId, requestedIp);
    this.writeNames(network.id);
    return endpoint;
  }

  release(containerId: string): void {
    const networkId = this.store.release(containerId);
    if (networkId !== undefined) this.writeNames(networkId);
  }

  namesFile(networkId: string): string {
    return join(this.options.run, 'names', networkId);
  }

  /** Monitors read the file again when it changes; it is replaced whole. */
  writeNames(networkId: string): void {
    const lines = this.store
      .endpoints(networkId)
      .map((endpoint) => `${endpoint.ip} ${this.options.namesOf(endpoint.containerId).join(' ')}\n`);
    const path = this.namesFile(networkId);
    writeFileSync(`${path}.new`, lines.join(''));
    renameSync(`${path}.new`, path);
  }

  /** At a clean stop: bridges that no container uses are removed; they are made again when needed. */
  async removeIdleBridges(): Promise<void> {
    for (const network of this.store.networks()) {
      if (this.store.endpoints(network.id).length > 0) continue;
      this.ensured.delete(network.id);
      await this.options.warden.removeBridge(network.device, network.gateway, network.prefix);
      rmSync(this.namesFile(network.id), { force: true });
    }
  }
}
