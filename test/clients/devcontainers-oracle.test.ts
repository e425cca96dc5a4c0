import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityLabels } from '../../core/devcontainer/labels';
import { mergeMetadata, metadataEntry, parseMetadataLabel } from '../../core/devcontainer/metadata';
import { readProject } from '../../core/devcontainer/project';
import { substitute } from '../../core/devcontainer/variables';
import { projectRoot } from '../harness/daemon';

/**
 * The same configuration, read by the reference CLI and by Berth. The CLI asks a `docker` about images and containers
 * even when it only reads; here that is a script which answers from files.
 */
const reference = join(projectRoot, 'node_modules/@devcontainers/cli/devcontainer.js');
const docker = `#!/bin/sh
case "$*" in
  "ps "*) cat "$0.ps" ;;
  *"--type image"*) cat "$0.image" ;;
  *"--type container"*) cat "$0.container" ;;
esac
`;
const localEnv = { PATH: process.env['PATH'], HOME: '/home/dev', PROXY: 'http://proxy:3128', TOKEN: 'a"b' };

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-oracle-'));
  writeFileSync(join(directory, 'docker'), docker);
  chmodSync(join(directory, 'docker'), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Sample {
  readonly name: string;
  /** devcontainer.json, as text. */
  readonly text: string;
  readonly path?: string;
  /** The folder that is opened, below the repository. */
  readonly below?: string;
  readonly imageMetadata?: unknown;
}

const samples: Sample[] = [
  { name: 'the smallest', text: '{"image": "debian:12"}' },
  {
    name: 'comments and trailing commas',
    text: '// a\n{ "image": "debian:12", /* b */ "forwardPorts": [3000, "localhost:4000", "db:5432",], }',
  },
  {
    name: 'every variable',
    text: `{ "image": "debian:12", "name": "\${localWorkspaceFolderBasename}",
      "remoteEnv": { "A": "\${localEnv:HOME}", "B": "\${localEnv:NONE:dflt}", "C": "\${localEnv:NONE}", "D": "\${containerEnv:PATH}:/x",
        "E": "\${containerEnv:NONE:y}", "F": null, "G": "\${localEnv:TOKEN}", "H": "\${nothing:such}" },
      "mounts": ["source=\${localWorkspaceFolder}/../x,target=/x,type=bind", {"type": "volume", "source": "v-\${devcontainerId}", "target": "/v"}],
      "postCreateCommand": "cd \${containerWorkspaceFolder} && echo \${containerWorkspaceFolderBasename}" }`,
  },
  {
    name: 'a folder below the git root',
    text: '{"image": "debian:12", "workspaceFolder": "/code/${localWorkspaceFolderBasename}"}',
    below: 'packages/app',
  },
  { name: 'the second place', text: '{"image": "debian:12"}', path: '.devcontainer.json' },
  {
    name: 'a mount of its own',
    text: `{"image": "debian:12", "workspaceFolder": "/src", "workspaceMount": "source=\${localWorkspaceFolder},target=/src,type=bind"}`,
  },
  { name: 'no mount', text: '{"image": "debian:12", "workspaceMount": ""}' },
  {
    name: 'old properties',
    text: '{"image": "debian:12", "extensions": ["a", "b"], "settings": {"x": 1}, "devPort": 3}',
  },
  {
    name: 'image metadata',
    text: `{ "image": "debian:12", "remoteUser": "dev", "containerEnv": {"B": "2"}, "capAdd": ["NET_ADMIN", "SYS_PTRACE"],
      "mounts": ["source=mine,target=/cache,type=volume"], "postCreateCommand": {"one": "a", "two": ["b", "c"]},
      "portsAttributes": {"3000": {"label": "site"}}, "forwardPorts": [3000, 1], "overrideCommand": false,
      "customizations": {"vscode": {"extensions": ["y"]}}, "hostRequirements": {"cpus": 2, "memory": "4gb"}, "init": false }`,
    imageMetadata: [
      {
        remoteUser: 'base',
        containerEnv: { A: '\${localEnv:HOME}', B: '1' },
        init: true,
        capAdd: ['SYS_PTRACE'],
        mounts: ['source=theirs,target=/cache,type=volume', 'source=other,target=/other,type=volume'],
        postCreateCommand: 'base',
        portsAttributes: { '3000': { label: 'web', onAutoForward: 'silent' }, '5': { label: 'five' } },
        forwardPorts: ['localhost:1', 2],
        waitFor: 'postCreateCommand',
        customizations: { vscode: { extensions: ['x'] }, other: { a: 1 } },
        hostRequirements: { memory: '8gb', storage: '32gb' },
      },
      {
        id: 'feature',
        entrypoint: '/init.sh',
        privileged: true,
        onCreateCommand: ['a', 'b'],
        securityOpt: ['x=y'],
      },
    ],
  },
  {
    name: 'metadata that is one object',
    text: '{"image": "debian:12"}',
    imageMetadata: { remoteUser: 'base' },
  },
];

interface Read {
  readonly configuration: Record<string, unknown>;
  readonly workspace: { workspaceFolder: string; workspaceMount: string };
  readonly mergedConfiguration: Record<string, unknown>;
}

function readByReference(folder: string, configFile: string, sample: Sample): Read {
  const metadata = JSON.stringify(sample.imageMetadata ?? []);
  const image = {
    Id: 'sha256:1',
    Architecture: 'amd64',
    Os: 'linux',
    Config: {
      User: '',
      Env: [],
      Labels: { 'devcontainer.metadata': metadata },
      Entrypoint: null,
      Cmd: ['sh'],
    },
  };
  const container = {
    Id: 'c1',
    Created: '2026-01-01T00:00:00Z',
    Name: '/c1',
    State: { Status: 'running', StartedAt: '2026-01-01T00:00:00Z', FinishedAt: '' },
    Config: {
      Image: 'debian:12',
      User: '',
      Env: ['PATH=/usr/bin:/bin'],
      Labels: { ...identityLabels(folder, configFile), 'devcontainer.metadata': metadata },
    },
    Mounts: [],
    NetworkSettings: { Ports: {} },
  };
  const stub = join(directory, 'docker');
  writeFileSync(`${stub}.image`, JSON.stringify([image]));
  writeFileSync(`${stub}.container`, JSON.stringify([container]));
  const read = (found: string): Read => {
    writeFileSync(`${stub}.ps`, found);
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        reference,
        'read-configuration',
        ...['--workspace-folder', folder, '--docker-path', stub, '--include-merged-configuration'],
        ...['--user-data-folder', join(directory, 'user')],
      ],
      { encoding: 'utf8', env: localEnv },
    );
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as Read;
  };
  // With a container everything is replaced; its label then stands for the configuration, so the merge is read without one.
  return { ...read('c1\n'), mergedConfiguration: read('').mergedConfiguration };
}

/** Two habits of the reference: nothing for no entrypoints, and -Infinity for the requirements of no source at all. */
function normal(merged: Record<string, unknown>): Record<string, unknown> {
  const { hostRequirements, ...rest } = without(merged, 'configFilePath');
  const impossible = hostRequirements === undefined || JSON.stringify(hostRequirements).includes('Infinity');
  return { entrypoints: [], ...rest, ...(impossible ? {} : { hostRequirements }) };
}

const without = (value: Record<string, unknown>, ...keys: string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

describe('the reference CLI and Berth read the same', () => {
  it.each(samples)('$name', async (sample) => {
    const repository = mkdtempSync(join(directory, 'repo-'));
    spawnSync('git', ['init', '-q', repository]);
    const folder = join(repository, sample.below ?? '');
    const configFile = join(folder, sample.path ?? '.devcontainer/devcontainer.json');
    mkdirSync(join(configFile, '..'), { recursive: true });
    writeFileSync(configFile, sample.text);

    const theirs = readByReference(folder, configFile, sample);
    const project = await readProject(folder, undefined, localEnv);
    const variables = { ...project.variables, containerEnv: { PATH: '/usr/bin:/bin' } };
    expect(substitute(project.configuration, variables)).toEqual(
      without(theirs.configuration, 'configFilePath'),
    );
    expect({ workspaceFolder: project.workspace.folder, workspaceMount: project.workspace.mount }).toEqual(
      theirs.workspace,
    );

    const entries = [
      ...parseMetadataLabel(JSON.stringify(sample.imageMetadata ?? []), 'the image'),
      metadataEntry(project.configuration),
    ];
    const { devcontainerId: _, ...known } = project.variables;
    const ours = substitute(mergeMetadata(project.configuration, entries), known);
    expect(ours).toEqual(normal(theirs.mergedConfiguration));
  });

  it('and differ where the reference cuts a default at its second colon', async () => {
    const folder = mkdtempSync(join(directory, 'colon-'));
    const configFile = join(folder, '.devcontainer.json');
    writeFileSync(configFile, '{"image": "debian:12", "remoteEnv": {"P": "${localEnv:NONE:http://a:80}"}}');
    const theirs = readByReference(folder, configFile, { name: '', text: '' });
    const { configuration, variables } = await readProject(folder, undefined, localEnv);
    expect(theirs.configuration['remoteEnv']).toEqual({ P: 'http' });
    expect(substitute(configuration, variables).remoteEnv).toEqual({ P: 'http://a:80' });
  });
});
