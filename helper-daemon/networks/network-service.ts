/** The networks as the HTTP layer sees them. `bridge`, `host` and `none` exist for everybody. */
import { createHash } from 'node:crypto';
import type { NetworkConnect, NetworkCreate, NetworkDisconnect, NetworkInspect } from '../../protocol/docker';
import type { Caller, Filters, NetworkService } from '../api/services';
import { rfc3339 } from '../clock';
import { matchesLabels } from '../containers/label-filter';
import { EngineError } from '../error';
import { judgeNetworkCreate } from '../policy/policy';
import { maySee, ownFirst } from '../policy/visibility';
import type { EventBus } from '../system/event-bus';
import type { Network } from './network-store';
import type { Networks } from './networks';
import { defaultNetworkName, fixedNetworks, networkNotFound } from './networks';

const nsPerMs = 1_000_000n;
const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;
const drivers: Readonly<Record<string, string>> = { host: 'host', none: 'null' };

export interface NetworkServiceOptions {
  readonly networks: Networks;
  readonly events: EventBus;
  readonly startedAtNs: bigint;
  /** @returns undefined for a container that is gone */
  readonly containerName: (id: string) => string | undefined;
  /** Containers of the owner's that name this network, running or not. */
  readonly usersOf: (ownerUid: number, network: string) => readonly string[];
}

export class NetworkApi implements NetworkService {
  constructor(private readonly options: NetworkServiceOptions) {}

  async list(caller: Caller, filters: Filters): Promise<NetworkInspect[]> {
    await this.options.networks.find(caller.uid, defaultNetworkName);
    const all = [
      ...this.visible(caller).map((network) => this.view(network)),
      ...[...fixedNetworks].map((name) => this.fixed(name)),
    ];
    return all.filter((network) => this.matches(network, filters));
  }

  async inspect(caller: Caller, name: string): Promise<NetworkInspect> {
    const fixed = [...fixedNetworks].find((each) => each === name || fixedId(each) === name);
    if (fixed !== undefined) return this.fixed(fixed);
    if (name === defaultNetworkName) return this.view(await this.options.networks.find(caller.uid, name));
    return this.view(this.find(caller, name));
  }

  async create(caller: Caller, body: NetworkCreate): Promise<{ Id: string; Warning: string }> {
    judgeNetworkCreate(caller, body);
    if (!namePattern.test(body.Name))
      throw new EngineError(
        400,
        'bad-name',
        `invalid network name ${JSON.stringify(body.Name)}: only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
      );
    if (fixedNetworks.has(body.Name) || body.Name === defaultNetworkName || body.Name === 'default') {
      throw new EngineError(
        403,
        'predefined-network',
        `operation is not permitted on predefined ${body.Name} network`,
      );
    }
    const network = await this.options.networks.create(caller.uid, {
      name: body.Name,
      internal: body.Internal ?? false,
      labels: body.Labels ?? {},
      options: body.Options ?? {},
    });
    this.options.events.emit(caller.uid, 'network', 'create', network.id, {
      name: network.name,
      type: 'bridge',
    });
    return { Id: network.id, Warning: '' };
  }

  async remove(caller: Caller, name: string): Promise<void> {
    if (fixedNetworks.has(name) || name === defaultNetworkName)
      throw new EngineError(
        403,
        'predefined-network',
        `${name} is a pre-defined network and cannot be removed`,
      );
    const network = this.find(caller, name);
    if (network.name === defaultNetworkName)
      throw new EngineError(
        403,
        'predefined-network',
        `${network.name} is a pre-defined network and cannot be removed`,
      );
    const active = this.options.networks.store.endpoints(network.id);
    if (active.length > 0)
      throw new EngineError(
        403,
        'network-in-use',
        `error while removing network: network ${network.name} id ${network.id} has active endpoints`,
      );
    await this.options.networks.remove(network);
    this.options.events.emit(network.ownerUid, 'network', 'destroy', network.id, {
      name: network.name,
      type: 'bridge',
    });
  }

  async connect(caller: Caller, network: string, body: NetworkConnect): Promise<void> {
    await this.inspect(caller, network);
    throw new EngineError(
      501,
      'not-implemented',
      `container ${body.Container} cannot be connected to another network: make it anew with --network ${network}`,
    );
  }

  async disconnect(caller: Caller, network: string, body: NetworkDisconnect): Promise<void> {
    await this.inspect(caller, network);
    throw new EngineError(
      501,
      'not-implemented',
      `container ${body.Container} cannot be disconnected from its network: make it anew with --network none`,
    );
  }

  async prune(caller: Caller, filters: Filters): Promise<{ NetworksDeleted: string[] }> {
    const { networks, usersOf } = this.options;
    const idle = networks.store
      .networks()
      .filter((network) => network.ownerUid === caller.uid && network.name !== defaultNetworkName)
      .filter(
        (network) =>
          usersOf(network.ownerUid, network.name).length === 0 &&
          matchesLabels(network.labels, filters.get('label') ?? []),
      );
    for (const network of idle) await networks.remove(network);
    return { NetworksDeleted: idle.map((network) => network.name) };
  }

  private visible(caller: Caller): Network[] {
    return this.options.networks.store.networks().filter((network) => maySee(caller, network.ownerUid));
  }

  private find(caller: Caller, name: string): Network {
    const visible = this.visible(caller);
    const named = ownFirst(
      caller,
      visible.filter((network) => network.name === name || network.id === name),
      (network) => network.ownerUid,
    );
    if (named !== undefined) return named;
    const prefixed = /^[0-9a-f]+$/.test(name) ? visible.filter((network) => network.id.startsWith(name)) : [];
    const [only] = prefixed;
    if (only === undefined || prefixed.length > 1) throw networkNotFound(name);
    return only;
  }

  private view(network: Network): NetworkInspect {
    const endpoints = this.options.networks.store.endpoints(network.id);
    const containers = endpoints.map(
      (endpoint) =>
        [
          endpoint.containerId,
          {
            Name: this.options.containerName(endpoint.containerId) ?? '',
            EndpointID: endpoint.endpointId,
            MacAddress: endpoint.mac,
            IPv4Address: `${endpoint.ip}/${network.prefix}`,
            IPv6Address: '',
          },
        ] as const,
    );
    return {
      ...base(network.name, network.id, 'bridge', BigInt(network.createdAt) * nsPerMs),
      IPAM: {
        Driver: 'default',
        Options: null,
        Config: [{ Subnet: network.subnet, Gateway: network.gateway }],
      },
      Internal: network.internal,
      Containers: Object.fromEntries(containers),
      Options: { ...network.options },
      Labels: { ...network.labels },
    };
  }

  private fixed(name: string): NetworkInspect {
    return base(name, fixedId(name), drivers[name] ?? name, this.options.startedAtNs);
  }

  private matches(network: NetworkInspect, filters: Filters): boolean {
    const any = (key: string, match: (value: string) => boolean) => filters.get(key)?.some(match) ?? true;
    const builtin = fixedNetworks.has(network.Name) || network.Name === defaultNetworkName;
    const used = Object.keys(network.Containers).length > 0;
    return (
      matchesLabels(network.Labels, filters.get('label') ?? []) &&
      any('name', (value) => network.Name.includes(value)) &&
      any('id', (value) => network.Id.startsWith(value)) &&
      any('driver', (value) => network.Driver === value) &&
      any('scope', (value) => network.Scope === value) &&
      any('type', (value) => (value === 'builtin') === builtin) &&
      any('dangling', (value) => ['true', '1'].includes(value) === (!used && !builtin))
    );
  }
}

function fixedId(name: string): string {
  return createHash('sha256').update(`berth network ${name}`).digest('hex');
}

function base(name: string, id: string, driver: string, createdNs: bigint): NetworkInspect {
  return {
    Name: name,
    Id: id,
    Created: rfc3339(createdNs),
    Scope: 'local',
    Driver: driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {},
    Options: {},
    Labels: {},
  };
}
