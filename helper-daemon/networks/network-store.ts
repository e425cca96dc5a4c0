/** Networks and the addresses in them, in the database. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { EngineError } from '../error';
import type { Database, Row } from '../storage/database';
import { blockSize, formatAddress, parseBlock } from './ipv4';

export interface Network {
  readonly id: string;
  readonly ownerUid: number;
  readonly name: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly device: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly prefix: number;
  readonly internal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export interface Endpoint {
  readonly containerId: string;
  readonly networkId: string;
  readonly endpointId: string;
  readonly ip: string;
  readonly mac: string;
}

const networkRow = z.object({
  id: z.string(),
  owner_uid: z.number(),
  name: z.string(),
  created_at: z.number(),
  device: z.string(),
  subnet: z.string(),
  gateway: z.string(),
  prefix: z.number(),
  internal: z.number(),
  labels: z.string(),
  options: z.string(),
});
const endpointRow = z.object({
  container_id: z.string(),
  network_id: z.string(),
  endpoint_id: z.string(),
  ip: z.string(),
  mac: z.string(),
});
const words = z.record(z.string(), z.string());

function toNetwork(row: Row): Network {
  const {
    owner_uid: ownerUid,
    created_at: createdAt,
    internal,
    labels,
    options,
    ...rest
  } = networkRow.parse(row);
  return {
    ...rest,
    ownerUid,
    createdAt,
    internal: internal === 1,
    labels: words.parse(JSON.parse(labels)),
    options: words.parse(JSON.parse(options)),
  };
}

function toEndpoint(row: Row): Endpoint {
  const {
    container_id: containerId,
    network_id: networkId,
    endpoint_id: endpointId,
    ip,
    mac,
  } = endpointRow.parse(row);
  return { containerId, networkId, endpointId, ip, mac };
}

export class NetworkStore {
  constructor(private readonly database: Database) {}

  networks(): Network[] {
    return this.database.all('SELECT * FROM network ORDER BY created_at').map(toNetwork);
  }

  named(ownerUid: number, name: string): Network | undefined {
    const row = this.database.get('SELECT * FROM network WHERE owner_uid = ? AND name = ?', ownerUid, name);
    return row === undefined ? undefined : toNetwork(row);
  }

  insert(network: Network): void {
    this.database.durable(() =>
      this.database.run(
        'INSERT INTO network (id, owner_uid, name, created_at, device, subnet, gateway, prefix, internal, labels, options) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        network.id,
        network.ownerUid,
        network.name,
        network.createdAt,
        network.device,
        network.subnet,
        network.gateway,
        network.prefix,
        network.internal ? 1 : 0,
        JSON.stringify(network.labels),
        JSON.stringify(network.options),
      ),
    );
  }

  delete(id: string): void {
    this.database.durable(() => this.database.run('DELETE FROM network WHERE id = ?', id));
  }

  endpoints(networkId: string): Endpoint[] {
    return this.database.all('SELECT * FROM endpoint WHERE network_id = ?', networkId).map(toEndpoint);
  }

  endpointOf(containerId: string): Endpoint | undefined {
    const row = this.database.get('SELECT * FROM endpoint WHERE container_id = ?', containerId);
    return row === undefined ? undefined : toEndpoint(row);
  }

  /** Takes the lowest free address, or the requested one. @throws EngineError 409 when it is taken, 507 when the network is full */
  allocate(network: Network, containerId: string, requested: string): Endpoint {
    return this.database.relaxed(() => {
      const used = new Set(this.endpoints(network.id).map((endpoint) => endpoint.ip));
      used.add(network.gateway);
      const ip = requested === '' ? lowestFree(network, used) : requested;
      if (used.has(ip))
        throw new EngineError(
          409,
          'address-in-use',
          `Address already in use: ${ip} in network ${network.name}`,
        );
      const mac = `02:42:${ip
        .split('.')
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join(':')}`;
      const endpoint = {
        containerId,
        networkId: network.id,
        endpointId: randomBytes(32).toString('hex'),
        ip,
        mac,
      };
      this.database.run(
        'INSERT INTO endpoint (container_id, network_id, endpoint_id, ip, mac) VALUES (?, ?, ?, ?, ?)',
        containerId,
        network.id,
        endpoint.endpointId,
        ip,
        mac,
      );
      return endpoint;
    });
  }

  /** @returns the network that the container was in */
  release(containerId: string): string | undefined {
    const endpoint = this.endpointOf(containerId);
    if (endpoint === undefined) return undefined;
    this.database.relaxed(() =>
      this.database.run('DELETE FROM endpoint WHERE container_id = ?', containerId),
    );
    return endpoint.networkId;
  }
}

function lowestFree(network: Network, used: ReadonlySet<string>): string {
  const block = parseBlock(network.subnet);
  for (let at = block.base + 2; at < block.base + blockSize(block.prefix) - 1; at += 1) {
    const ip = formatAddress(at);
    if (!used.has(ip)) return ip;
  }
  throw new EngineError(
    507,
    'addresses-exhausted',
    `no available IPv4 addresses on network ${network.name}: stop containers that are not needed`,
  );
}
