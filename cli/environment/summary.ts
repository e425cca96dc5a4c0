import { relative } from 'node:path';
import type { Environment } from '../../core/devcontainer/open-environment';
import { duration } from './progress-view';

/**
 * What runs where, how long it took, and what one can do next.
 * @param berth how this berth is called from the user's shell
 */
export function summary(environment: Environment, editorUrl: string | undefined, berth: string): string {
  const { containerName, remoteUser, remoteWorkspaceFolder, remoteShell } = environment;
  const here = relative(process.cwd(), environment.localFolder);
  const folder = here === '' ? '' : ` ${here.startsWith('..') ? environment.localFolder : here}`;
  const states = {
    created: 'a new container',
    started: 'its container, started',
    running: 'its container, running',
  };
  const rows: [string, string][] = [
    ['project', environment.localFolder],
    ['container', `${containerName} (${environment.containerId.slice(0, 12)}), ${states[environment.state]}`],
    ['image', environment.image],
    ['inside', `${remoteWorkspaceFolder}, as ${remoteUser}`],
    ...environment.ports.map(({ containerPort, hostPort, label }): [string, string] => [
      'port',
      `http://127.0.0.1:${hostPort} → ${containerPort}${label === undefined ? '' : ` (${label})`}`,
    ]),
    ...(editorUrl === undefined ? [] : [['editor', editorUrl] as [string, string]]),
    ['time', duration(environment.milliseconds)],
    [
      'next',
      `${berth} exec -it -u ${remoteUser} -w ${remoteWorkspaceFolder} ${containerName} ${remoteShell}`,
    ],
    ['', `${berth} down${folder}`],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(9)} ${value}\n`).join('');
}

/** One object for programs, in the reference CLI's words where it has them. */
export function outcome(environment: Environment, editorUrl: string | undefined): Record<string, unknown> {
  return {
    outcome: 'success',
    containerId: environment.containerId,
    containerName: environment.containerName,
    remoteUser: environment.remoteUser,
    remoteWorkspaceFolder: environment.remoteWorkspaceFolder,
    localFolder: environment.localFolder,
    configFile: environment.configFile,
    image: environment.image,
    state: environment.state,
    changedProperties: environment.changed,
    ports: environment.ports,
    ...(editorUrl === undefined ? {} : { editorUrl }),
    timings: environment.timings.map(({ name, milliseconds }) => ({
      name,
      milliseconds: round(milliseconds),
    })),
    milliseconds: round(environment.milliseconds),
  };
}

const round = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
