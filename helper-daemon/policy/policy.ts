/** Says yes or no to every call before anything else happens (security.md). Each function throws EngineError 400 or 403, or returns. */
import type {
  ContainerCreate,
  ContainerUpdate,
  ExecCreate,
  NetworkCreate,
  VolumeCreate,
} from '../../protocol/docker';
import { isNeutral } from '../../protocol/docker/request-schema';
import type { Caller } from '../api/services';
import { EngineError } from '../error';
import { judgeHostConfig } from './host-config-policy';
import { hostAddress, judgePublish } from './published-address';
import { refused, unsupported } from './refusal';

const maxEnvironment = 1 << 20;

export function judgeCreate(caller: Caller, body: ContainerCreate): void {
  judgeHostConfig(caller, body.HostConfig ?? {});
  judgeText(body);
  for (const [name, endpoint] of Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {})) {
    if (name === 'host' && !caller.admin)
      throw refused(
        caller,
        'namespace',
        '--network=host',
        "it would share the host's network with the container",
      );
    if (!isNeutral(endpoint.Links))
      throw unsupported('--link', 'put both containers into one network; they find each other by name there');
    if (!isNeutral(endpoint.DriverOpts)) throw unsupported('driver-opt', 'networks have no driver options');
  }
}

/** Strings that end up in files of lines or in the environment of a process. */
function judgeText(body: ContainerCreate): void {
  const environment = body.Env ?? [];
  if (environment.some((entry) => entry.includes('\0') || entry.startsWith('=')))
    throw new EngineError(
      400,
      'bad-env',
      'invalid environment variable: a name is missing or it holds a NUL byte',
    );
  if (environment.reduce((sum, entry) => sum + entry.length, 0) > maxEnvironment)
    throw new EngineError(400, 'bad-env', 'the environment is larger than 1 MiB');
  for (const [field, text] of [
    ['hostname', body.Hostname],
    ['domainname', body.Domainname],
  ] as const) {
    if (text !== undefined && !/^[\w.-]{0,64}$/.test(text))
      throw new EngineError(400, 'bad-hostname', `invalid ${field}: ${JSON.stringify(text)}`);
  }
  if (
    [...(body.Cmd ?? []), ...(body.Entrypoint ?? []), body.User ?? '', body.WorkingDir ?? ''].some((text) =>
      text.includes('\0'),
    )
  ) {
    throw new EngineError(
      400,
      'bad-command',
      'invalid command, user or working directory: it holds a NUL byte',
    );
  }
}

export function judgeUpdate(caller: Caller, body: ContainerUpdate): void {
  const { RestartPolicy: _policy, ...resources } = body;
  judgeHostConfig(caller, resources);
}

export function judgeExec(caller: Caller, body: ExecCreate): void {
  if (body.Privileged === true && !caller.admin)
    throw refused(
      caller,
      'privileged',
      'exec --privileged',
      "the process would have root's power over the host",
    );
}

export function judgeVolumeCreate(caller: Caller, body: VolumeCreate): void {
  if (!['', 'local'].includes(body.Driver ?? '')) {
    throw new EngineError(
      404,
      'no-such-driver',
      `error looking up volume plugin ${body.Driver ?? ''}: plugin "${body.Driver ?? ''}" not found`,
    );
  }
  if (isNeutral(body.DriverOpts)) return;
  if (!caller.admin)
    throw refused(
      caller,
      'volume-driver',
      'a volume with driver options',
      'it could name any directory of the host',
      'Use a plain volume, or a bind mount of a directory of yours.',
    );
  throw unsupported('driver options', 'only plain local volumes are supported; use a bind mount');
}

export function judgeNetworkCreate(caller: Caller, body: NetworkCreate): void {
  if (!['', 'bridge', 'default'].includes(body.Driver ?? '')) {
    if (!caller.admin)
      throw refused(
        caller,
        'network-driver',
        `the network driver ${body.Driver ?? ''}`,
        "it would reach the host's own networks",
      );
    throw new EngineError(
      404,
      'no-such-driver',
      `could not find a network driver named "${body.Driver ?? ''}": plugin "${body.Driver ?? ''}" not found`,
    );
  }
  for (const [option, value] of [
    ['--config-only', body.ConfigOnly],
    ['--config-from', body.ConfigFrom],
    ['--ingress', body.Ingress],
    ['--ipv6', body.EnableIPv6],
  ] as const) {
    if (!isNeutral(value)) throw unsupported(option, 'it is not supported');
  }
  if (!isNeutral(body.IPAM?.Config)) {
    if (!caller.admin)
      throw refused(
        caller,
        'subnet',
        '--subnet',
        "it could take over addresses of the host's networks",
        'Leave it out; a free subnet is chosen.',
      );
    throw unsupported('--subnet', 'a subnet that collides with no route of the host is chosen automatically');
  }
}

/** @returns the address to listen on */
export function judgePublishRequest(caller: Caller, given: string | undefined, port: number): string {
  const address = hostAddress(given);
  judgePublish(caller, address, port);
  return address;
}
