import { isAbsolute, resolve } from 'node:path';
import { homedir } from 'node:os';
import type { ContainerConfig, HostConfig } from '../../protocol/docker';
import { parsePublish } from './port-numbers';

/** What flags of `docker run` add up to. */
export interface RunOptions {
  readonly config: ContainerConfig;
  readonly host: HostConfig;
  /** Options of the one network that `--network` names. */
  readonly endpoint: { Aliases?: string[]; IPAMConfig?: { IPv4Address?: string; IPv6Address?: string } };
  name?: string;
  platform?: string;
}

export interface FlagContext {
  /** Relative paths start here. */
  readonly folder: string;
  readonly localEnv: Readonly<Record<string, string | undefined>>;
}

export const emptyRunOptions = (): RunOptions => ({ config: {}, host: {}, endpoint: {} });

/** `-v`: a relative or `~` source becomes absolute, as the docker client does it; a bare name is a volume. */
export function absoluteBind(text: string, { folder }: FlagContext): string {
  const colon = text.indexOf(':');
  const source = colon === -1 ? text : text.slice(0, colon);
  if (colon === -1 || isAbsolute(source)) return text;
  if (source === '~' || source.startsWith('~/')) return homedir() + source.slice(1) + text.slice(colon);
  return /^\.{1,2}(\/|$)/.test(source) ? resolve(folder, source) + text.slice(colon) : text;
}

/** `NAME=value`, or `NAME` for the value it has here; undefined if it has none. */
export function environmentEntry(text: string, { localEnv }: FlagContext): string | undefined {
  if (text.includes('=')) return text;
  const value = localEnv[text];
  return value === undefined ? undefined : `${text}=${value}`;
}

export function keyAndValue(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

export function publish({ config, host }: RunOptions, text: string): void {
  for (const { hostIp, hostPort, containerPort } of parsePublish(text)) {
    config.ExposedPorts = { ...config.ExposedPorts, [containerPort]: {} };
    const bindings = host.PortBindings?.[containerPort] ?? [];
    host.PortBindings = {
      ...host.PortBindings,
      [containerPort]: [...bindings, { HostIp: hostIp, HostPort: hostPort }],
    };
  }
}
