/** `PortBindings` and `ExposedPorts` as the warden takes them, and back again for inspect and lists. */
import { isIP } from 'node:net';
import type { ContainerConfig, HostConfig, PortSummary, PublishedPorts } from '../../protocol/docker';
import { EngineError } from '../error';
import { hostAddress } from '../policy/published-address';
import { protocolNumber } from '../warden/launch-plan';
import type { PlanPort } from '../warden/launch-plan';
import type { BoundPort } from '../warden/verbs';
import { normalPort } from './merge-config';

const protocolNames: ReadonlyMap<number, string> = new Map([
  [protocolNumber.tcp, 'tcp'],
  [protocolNumber.udp, 'udp'],
]);

export function protocolName(protocol: number): 'tcp' | 'udp' {
  return protocolNames.get(protocol) === 'udp' ? 'udp' : 'tcp';
}

/** `80/tcp`, `53/udp`. @throws EngineError 400 */
export function parsePort(text: string): { protocol: number; port: number } {
  const [number = '', name = ''] = normalPort(text).split('/');
  const port = /^\d{1,5}$/.test(number) ? Number(number) : 0;
  if (port < 1 || port > 65535)
    throw new EngineError(400, 'bad-port', `invalid port specification: "${text}"`);
  if (name !== 'tcp' && name !== 'udp')
    throw new EngineError(
      400,
      'bad-port',
      `invalid protocol in port specification: "${text}": tcp and udp are supported`,
    );
  return { protocol: protocolNumber[name], port };
}

/** A range of host ports (`8000-8010`) means the first one. @throws EngineError 400 */
export function publishedPorts(config: ContainerConfig, host: HostConfig): PlanPort[] {
  const bindings = Object.entries(host.PortBindings ?? {}).flatMap(([text, list]) => {
    const { protocol, port } = parsePort(text);
    return (list.length === 0 ? [{}] : list).map(
      (binding: { HostIp?: string | undefined; HostPort?: string | undefined }) => ({
        protocol,
        hostIp: hostAddress(binding.HostIp),
        hostPort: Number((binding.HostPort ?? '').split('-')[0]),
        containerPort: port,
      }),
    );
  });
  if (host.PublishAllPorts !== true) return bindings;
  const bound = new Set(bindings.map(({ protocol, containerPort }) => `${containerPort}/${protocol}`));
  const others = Object.keys(config.ExposedPorts ?? {})
    .map(parsePort)
    .filter(({ protocol, port }) => !bound.has(`${port}/${protocol}`));
  return [
    ...bindings,
    ...others.map(({ protocol, port }) => ({
      protocol,
      hostIp: hostAddress(undefined),
      hostPort: 0,
      containerPort: port,
    })),
  ];
}

const key = (port: BoundPort) => `${port.containerPort}/${protocolName(port.protocol)}`;

/** `NetworkSettings.Ports`: exposed ports are null unless they are published. */
export function portsForInspect(config: ContainerConfig, bound: readonly BoundPort[]): PublishedPorts {
  const ports: PublishedPorts = Object.fromEntries(
    Object.keys(config.ExposedPorts ?? {}).map((port) => [normalPort(port), null]),
  );
  for (const port of bound)
    (ports[key(port)] ??= []).push({ HostIp: port.hostIp, HostPort: String(port.hostPort) });
  return ports;
}

export function portsForList(config: ContainerConfig, bound: readonly BoundPort[]): PortSummary[] {
  const published = bound.map((port) => ({
    IP: port.hostIp,
    PrivatePort: port.containerPort,
    PublicPort: port.hostPort,
    Type: protocolName(port.protocol),
  }));
  const known = new Set(bound.map(key));
  const exposed = Object.keys(config.ExposedPorts ?? {})
    .map(normalPort)
    .filter((port) => !known.has(port))
    .map((port) => ({ PrivatePort: Number(port.split('/')[0]), Type: port.split('/')[1] ?? 'tcp' }));
  return [...published, ...exposed];
}

/** `name:address` or `name=address`; `host-gateway` is the bridge's own address. @throws EngineError 400 */
export function extraHost(entry: string, gateway: string): { ip: string; name: string } {
  const [, name = '', address = ''] = /^([^:=\s]+)[:=]\[?([^\]\s]+)\]?$/.exec(entry) ?? [];
  const ip = address === 'host-gateway' ? gateway : address;
  if (name === '' || isIP(ip) === 0)
    throw new EngineError(400, 'bad-host', `bad format for add-host: "${entry}"`);
  return { ip, name };
}
