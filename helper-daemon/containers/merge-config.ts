/** A container's configuration: what the request says, over what the image says. */
import type { ContainerConfig, ContainerCreate, ImageConfig } from '../../protocol/docker';
import { EngineError } from '../error';

export interface MergedConfig {
  readonly config: ContainerConfig;
  /** Entrypoint and command as one list; never empty. */
  readonly args: readonly string[];
}

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const nameOf = (entry: string) => entry.split('=', 1)[0] ?? entry;

/** Later entries win; a name without `=` takes the name out again, as Docker has it. */
export function mergeEnvironment(base: readonly string[], over: readonly string[]): string[] {
  const merged = new Map<string, string>();
  for (const entry of [...base, ...over]) {
    if (entry.includes('=')) merged.set(nameOf(entry), entry);
    else merged.delete(entry);
  }
  return [...merged.values()];
}

/** What the process gets besides the configured environment; HOME is added by whoever knows the user. */
export function processEnvironment(config: ContainerConfig): string[] {
  const defaults = [
    defaultPath,
    `HOSTNAME=${config.Hostname ?? ''}`,
    ...(config.Tty === true ? ['TERM=xterm'] : []),
  ];
  return mergeEnvironment(defaults, config.Env ?? []);
}

function command(body: ContainerCreate, image: ImageConfig): { entrypoint: string[]; cmd: string[] } {
  const asked = body.Entrypoint ?? [];
  const inherits = asked.length === 0;
  const given = body.Cmd ?? [];
  const cmd = inherits && given.length === 0 ? (image.Cmd ?? []) : given;
  const entrypoint = body.Entrypoint === undefined || inherits ? (image.Entrypoint ?? []) : asked;
  const reset = entrypoint.length === 1 && entrypoint[0] === '';
  return { entrypoint: reset ? [] : [...entrypoint], cmd: [...cmd] };
}

/** @throws EngineError 400 when neither request nor image names a command */
export function mergeConfig(id: string, body: ContainerCreate, image: ImageConfig): MergedConfig {
  const {
    HostConfig: host,
    NetworkingConfig: _networking,
    name: _name,
    platform: _platform,
    ...given
  } = body;
  const { entrypoint, cmd } = command(body, image);
  const args = [...entrypoint, ...cmd];
  if (args.length === 0) throw new EngineError(400, 'no-command', 'no command specified');
  const ports = [
    ...Object.keys(image.ExposedPorts ?? {}),
    ...Object.keys(given.ExposedPorts ?? {}),
    ...Object.keys(host?.PortBindings ?? {}),
  ];
  const volumes = [...Object.keys(image.Volumes ?? {}), ...Object.keys(given.Volumes ?? {})];
  const config: ContainerConfig = {
    ...given,
    Hostname: given.Hostname === undefined || given.Hostname === '' ? id.slice(0, 12) : given.Hostname,
    Domainname: given.Domainname ?? '',
    User: given.User === undefined || given.User === '' ? (image.User ?? '') : given.User,
    AttachStdin: given.AttachStdin ?? false,
    AttachStdout: given.AttachStdout ?? false,
    AttachStderr: given.AttachStderr ?? false,
    Tty: given.Tty ?? false,
    OpenStdin: given.OpenStdin ?? false,
    StdinOnce: given.StdinOnce ?? false,
    Env: mergeEnvironment(image.Env ?? [], given.Env ?? []),
    Cmd: cmd,
    Entrypoint: entrypoint,
    Image: given.Image ?? '',
    WorkingDir:
      given.WorkingDir === undefined || given.WorkingDir === '' ? (image.WorkingDir ?? '') : given.WorkingDir,
    Labels: { ...image.Labels, ...given.Labels },
    ...(ports.length === 0
      ? {}
      : { ExposedPorts: Object.fromEntries(ports.map((port) => [normalPort(port), {}])) }),
    ...(volumes.length === 0 ? {} : { Volumes: Object.fromEntries(volumes.map((path) => [path, {}])) }),
    StopSignal: given.StopSignal ?? image.StopSignal,
  };
  if (config.WorkingDir !== '' && config.WorkingDir?.startsWith('/') === false) {
    throw new EngineError(
      400,
      'bad-workdir',
      `the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`,
    );
  }
  return { config, args };
}

/** `80` means `80/tcp`. */
export function normalPort(port: string): string {
  return port.includes('/') ? port.toLowerCase() : `${port}/tcp`;
}
