import type { Device, DeviceRequest, RestartPolicy, Ulimit } from '../../protocol/docker';
import { splitFields } from './volume';

/** `nofile=1024:2048`, `nproc=100` (both limits). -1 and `unlimited` mean none. */
export function parseUlimit(text: string): Ulimit {
  const match = /^([a-z]+)=(-?\d+|unlimited)(?::(-?\d+|unlimited))?$/.exec(text);
  if (match?.[1] === undefined) throw new Error(`invalid ulimit argument: ${text}`);
  const number = (value: string) => (value === 'unlimited' ? -1 : Number(value));
  const soft = number(match[2] ?? '');
  const hard = match[3] === undefined ? soft : number(match[3]);
  if (hard !== -1 && (soft > hard || soft === -1)) {
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
  return { Name: match[1], Soft: soft, Hard: hard };
}

/** `/dev/fuse`, `/dev/a:/dev/b`, `/dev/a:/dev/b:rw`, `/dev/a:rw` */
export function parseDevice(text: string): Device {
  const [host = '', second, third, ...more] = text.split(':');
  const isMode = (value: string | undefined) => value !== undefined && /^[rwm]{1,3}$/.test(value);
  if (host === '' || more.length > 0 || (third !== undefined && !isMode(third))) {
    throw new Error(`invalid device specification: ${text}`);
  }
  const inside = second === undefined || (third === undefined && isMode(second)) ? host : second;
  const mode = third ?? (isMode(second) ? second : undefined) ?? 'rwm';
  return { PathOnHost: host, PathInContainer: inside, CgroupPermissions: mode };
}

/** `no`, `always`, `unless-stopped`, `on-failure[:5]` */
export function parseRestart(text: string): RestartPolicy {
  const [name = '', count, ...more] = text.split(':');
  if (!['no', 'always', 'unless-stopped', 'on-failure'].includes(name) || more.length > 0) {
    throw new Error(
      `invalid restart policy: '${text}': use no, always, unless-stopped or on-failure[:count]`,
    );
  }
  if (count !== undefined && (name !== 'on-failure' || !/^\d+$/.test(count))) {
    throw new Error(`invalid restart policy: '${text}': a count goes with on-failure only`);
  }
  return { Name: name, MaximumRetryCount: count === undefined ? 0 : Number(count) };
}

/** `all`, a count, or `device=0,1` / `"device=0,1",capabilities=utility` in docker's notation. */
export function parseGpus(text: string): DeviceRequest {
  if (text === 'all' || /^\d+$/.test(text)) {
    return { Count: text === 'all' ? -1 : Number(text), Capabilities: [['gpu']] };
  }
  const request: DeviceRequest = { Capabilities: [['gpu']] };
  for (const field of splitFields(text)) {
    const [key, ...rest] = field.split('=');
    const value = rest.join('=');
    switch (key) {
      case 'device':
        request.DeviceIDs = value.split(',');
        break;
      case 'count':
        request.Count = value === 'all' ? -1 : Number(value);
        break;
      case 'driver':
        request.Driver = value;
        break;
      case 'capabilities':
        request.Capabilities = [['gpu', ...value.split(',')]];
        break;
      default:
        throw new Error(`unexpected key '${key ?? ''}' in '${field}'`);
    }
  }
  return request;
}

/** The capability's full name: `sys_ptrace` becomes CAP_SYS_PTRACE, ALL stays. */
export function parseCapability(text: string): string {
  const name = text.toUpperCase();
  return name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`;
}

/** `host:ip`, `host=ip`; the address may be `host-gateway`. The engine wants a colon. */
export function parseExtraHost(text: string): string {
  const separator = /[:=]/.exec(text)?.index ?? -1;
  const name = text.slice(0, separator);
  const address = text.slice(separator + 1).replace(/^\[(.*)\]$/, '$1');
  if (separator < 1 || address === '') throw new Error(`bad format for add-host: "${text}"`);
  return `${name}:${address}`;
}
