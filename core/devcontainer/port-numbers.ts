import { DevContainerError } from './error';
import type { Configuration } from './configuration';

/** One published port; `hostPort` '' = any that is free. */
export interface PortMapping {
  readonly hostIp: string;
  readonly hostPort: string;
  /** `3000/tcp` */
  readonly containerPort: string;
}

/** Docker's `-p` syntax: `[[ip:]hostPort:]containerPort[/proto]`, each port possibly a range of the same length. */
export function parsePublish(text: string): PortMapping[] {
  const [address = '', proto = 'tcp', ...more] = text.split('/');
  const parts = /^(?:(\[[0-9a-f:.]+\]|[^:]*):)?(?:([\d-]*):)?([\d-]+)$/i.exec(address);
  if (parts === null || more.length > 0 || !['tcp', 'udp'].includes(proto.toLowerCase())) throw badPort(text);
  // With a single colon the expression above takes what stands before it for an address.
  const onlyHostPort = parts[2] === undefined && /^[\d-]*$/.test(parts[1] ?? '');
  const hostIp = onlyHostPort ? '' : (parts[1] ?? '').replace(/^\[|\]$/g, '');
  const host = (onlyHostPort ? parts[1] : parts[2]) ?? '';
  const container = range(parts[3] ?? '', text);
  const hosts = host === '' ? container.map(() => '') : range(host, text).map(String);
  if (hosts.length !== container.length) throw badPort(text);
  return container.map((port, index) => ({
    hostIp,
    hostPort: hosts[index] ?? '',
    containerPort: `${port}/${proto.toLowerCase()}`,
  }));
}

/** `appPort`: a number is published on 127.0.0.1 under the same number, a string is as for `-p`. */
export function appPorts(appPort: Configuration['appPort']): PortMapping[] {
  if (appPort === undefined) return [];
  return (Array.isArray(appPort) ? appPort : [appPort]).flatMap((port) =>
    typeof port === 'number'
      ? [{ hostIp: '127.0.0.1', hostPort: String(port), containerPort: `${port}/tcp` }]
      : parsePublish(port),
  );
}

/** A port of this container that `forwardPorts` names; undefined for `"db:5432"`, which is another container's. */
export function forwardedPort(port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  const [, host, number] = /^(.*):(\d+)$/.exec(port) ?? [];
  return host === 'localhost' || host === '127.0.0.1' ? Number(number) : undefined;
}

function range(text: string, whole: string): number[] {
  const [from, to = from, ...more] = text.split('-');
  const first = Number(from);
  const last = Number(to);
  if (more.length > 0 || from === '' || to === '' || !(first >= 1 && first <= last && last <= 65_535))
    throw badPort(whole);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function badPort(text: string): DevContainerError {
  return new DevContainerError(
    'bad-run-argument',
    `"${text}" is not a port to publish`,
    'The form is [[address:]port on this machine:]port in the container[/tcp or /udp].',
    'Correct it in devcontainer.json and try again.',
  );
}
