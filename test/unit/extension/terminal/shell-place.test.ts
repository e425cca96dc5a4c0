import { expect, test } from 'vitest';
import { shellPlace } from '../../../../extension/terminal/shell-place';
import type { ContainerSummary } from '../../../../protocol/docker';

const summary = (labels: Record<string, string>, mounts: [string, string][] = []): ContainerSummary => ({
  Id: 'f'.repeat(64),
  Names: ['/x'],
  Image: 'berth/base',
  ImageID: `sha256:${'0'.repeat(64)}`,
  Command: 'sh',
  Created: 0,
  Ports: [],
  Labels: labels,
  State: 'running',
  Status: 'Up 1 second',
  HostConfig: {},
  NetworkSettings: { Networks: {} },
  Mounts: mounts.map(([Source, Destination]) => ({
    Type: 'bind',
    Source,
    Destination,
    Mode: '',
    RW: true,
    Propagation: 'rprivate',
  })),
});

test('a plain container is entered as its image says', () => {
  expect(shellPlace(summary({}))).toEqual({ user: undefined, workingDirectory: undefined });
});

test('a dev container is entered as its developer, in the opened folder below what is mounted', () => {
  const labels = {
    'devcontainer.local_folder': '/home/ada/mono/app',
    'devcontainer.metadata': '[{"remoteUser":"node"},{"remoteUser":"vscode"},{"containerEnv":{}}]',
  };
  const mounts: [string, string][] = [
    ['/home/ada/.cache', '/cache'],
    ['/home/ada/mono', '/workspaces/mono'],
  ];
  expect(shellPlace(summary(labels, mounts))).toEqual({
    user: 'vscode',
    workingDirectory: '/workspaces/mono/app',
  });
});
