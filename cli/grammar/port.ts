import { isIP } from 'node:net';

export interface PublishedPortSpec {
  /** `80/tcp` */
  readonly container: string;
  readonly hostIp: string;
  /** "" = one that is free. A range (`8000-8010`) = a free one of it. */
  readonly hostPort: string;
}

const protocols = ['tcp', 'udp', 'sctp'];

function parseRange(text: string, what: string): readonly [number, number] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const first = Number(match?.[1] ?? NaN);
  const last = Number(match?.[2] ?? match?.[1] ?? NaN);
  if (!(first >= 0 && last >= first && last <= 65_535)) throw new Error(`invalid ${what}: ${text}`);
  return [first, last];
}

/** `80`, `80/udp`, `8000-8010` as ports with their protocol. */
export function parseExposed(text: string): string[] {
  const [ports = '', protocol = 'tcp'] = text.split('/', 2);
  if (!protocols.includes(protocol)) throw new Error(`invalid proto: ${protocol}`);
  const [first, last] = parseRange(ports, 'containerPort');
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}

/**
 * All forms of `-p`: `80`, `8080:80`, `127.0.0.1:8080:80`, `127.0.0.1::80`, `[::1]:8080:80`, `8000-8005:80-85`, `53:53/udp`.
 * @throws Error that names the part that is wrong
 */
export function parsePublish(text: string): PublishedPortSpec[] {
  const { hostIp, hostPort, containerPort } = splitPublish(text);
  if (containerPort === '') throw new Error(`no port specified: ${text}<empty>`);
  if (hostIp !== '' && isIP(hostIp) === 0) throw new Error(`invalid IP address: ${hostIp}`);
  const containers = parseExposed(containerPort.toLowerCase());
  if (hostPort === '') return containers.map((container) => ({ container, hostIp, hostPort: '' }));
  const [first, last] = parseRange(hostPort, 'hostPort');
  const width = last - first + 1;
  if (containers.length === 1 && width > 1) {
    return containers.map((container) => ({ container, hostIp, hostPort }));
  }
  if (width !== containers.length) {
    throw new Error(
      `invalid ranges specified for container and host Ports: ${containerPort} and ${hostPort}`,
    );
  }
  return containers.map((container, index) => ({ container, hostIp, hostPort: String(first + index) }));
}

function splitPublish(text: string): { hostIp: string; hostPort: string; containerPort: string } {
  const bracket = /^\[([^\]]*)\]:([^:]*):([^:]*)$/.exec(text);
  if (bracket)
    return { hostIp: bracket[1] ?? '', hostPort: bracket[2] ?? '', containerPort: bracket[3] ?? '' };
  const parts = text.split(':');
  const containerPort = parts.pop() ?? '';
  const hostPort = parts.pop() ?? '';
  return { hostIp: parts.join(':'), hostPort, containerPort };
}
