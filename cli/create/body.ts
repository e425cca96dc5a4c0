import { readFileSync } from 'node:fs';
import type { ContainerCreate } from '../../protocol/docker';
import { UsageError } from '../command-line/usage-error';
import { collectVariables, toMap } from '../grammar/environment';
import { hostConfigOf } from './host-config';
import { endpointsOf } from './endpoints';
import type { CreateValues } from './values';

/** Which of the container's streams this client takes part in. */
export interface Attachment {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** `-a` names streams; without it a foreground run attaches output, and input with `-i`. */
export function attachmentOf(flags: CreateValues, detached: boolean): Attachment {
  if (detached) {
    if (flags.attach.length > 0)
      throw new UsageError('conflicting options: cannot specify both --attach and --detach', 125);
    return { stdin: false, stdout: false, stderr: false };
  }
  if (flags.attach.length === 0) return { stdin: flags.interactive, stdout: true, stderr: true };
  const streams = flags.attach.map((name) => name.toLowerCase());
  const strange = streams.find((name) => !['stdin', 'stdout', 'stderr'].includes(name));
  if (strange !== undefined) {
    throw new UsageError(
      `invalid argument "${strange}" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR`,
      125,
    );
  }
  return {
    stdin: streams.includes('stdin'),
    stdout: streams.includes('stdout'),
    stderr: streams.includes('stderr'),
  };
}

/** The create body that a command line stands for. @throws UsageError, or an Error naming a file that cannot be read */
export function createBody(
  flags: CreateValues,
  image: string,
  command: readonly string[],
  attachment: Attachment,
  environment: Readonly<Record<string, string | undefined>>,
): ContainerCreate {
  checkConflicts(flags);
  const published = flags.publish.flat();
  const exposed = [...flags.expose.flat(), ...published.map((port) => port.container)];
  const anonymous = flags.volume.flatMap((volume) => ('anonymous' in volume ? [volume.anonymous] : []));
  const labelFiles = flags['label-file'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '' && !line.startsWith('#')),
  );
  return {
    Image: image,
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    AttachStdin: attachment.stdin,
    AttachStdout: attachment.stdout,
    AttachStderr: attachment.stderr,
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && attachment.stdin,
    Env: collectVariables(flags['env-file'], flags.env, environment),
    ...(command.length > 0 ? { Cmd: [...command] } : {}),
    // `--entrypoint ""` removes the image's own.
    ...(flags.entrypoint === undefined ? {} : { Entrypoint: [flags.entrypoint] }),
    WorkingDir: flags.workdir,
    Labels: toMap([...labelFiles, ...flags.label]),
    ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])),
    Volumes: Object.fromEntries(anonymous.map((path) => [path, {}])),
    StopSignal: flags['stop-signal'],
    StopTimeout: flags['stop-timeout'],
    ...healthcheckOf(flags),
    HostConfig: hostConfigOf(flags),
    ...endpointsOf(flags),
  };
}

function healthcheckOf(flags: CreateValues): Pick<ContainerCreate, 'Healthcheck'> {
  if (flags['no-healthcheck']) return { Healthcheck: { Test: ['NONE'] } };
  const healthcheck = {
    Test: flags['health-cmd'] === undefined ? undefined : ['CMD-SHELL', flags['health-cmd']],
    Interval: flags['health-interval'],
    Timeout: flags['health-timeout'],
    StartPeriod: flags['health-start-period'],
    StartInterval: flags['health-start-interval'],
    Retries: flags['health-retries'],
  };
  return Object.values(healthcheck).every((value) => value === undefined) ? {} : { Healthcheck: healthcheck };
}

function checkConflicts(flags: CreateValues): void {
  if (flags.rm && flags.restart !== undefined && flags.restart.Name !== 'no') {
    throw new UsageError('conflicting options: cannot specify both --restart and --rm', 125);
  }
  if (flags.cpus !== undefined && (flags['cpu-period'] !== undefined || flags['cpu-quota'] !== undefined)) {
    throw new UsageError('conflicting options: --cpus stands for --cpu-period and --cpu-quota', 125);
  }
}
