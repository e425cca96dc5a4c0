/** The reference CLI, unmodified, over the docker client against our helper; and containers that the two hand each other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bin, projectRoot, startDaemon, type TestDaemon } from '../harness/daemon';
import { makeProject } from '../harness/project';
import { run } from '../harness/run';

const reference = join(projectRoot, 'node_modules/@devcontainers/cli/devcontainer.js');
let daemon: TestDaemon;
const folders: string[] = [];

beforeAll(async () => {
  daemon = await startDaemon();
});
afterEach(async () => {
  for (const folder of folders.splice(0))
    await run([bin('berth'), 'down', '--remove', folder], { env: daemon.env });
});
afterAll(async () => {
  await daemon.stop();
});

async function json(argv: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run(argv, { env: daemon.env, milliseconds: 90_000 });
  expect(code, `${argv.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}
const devcontainer = (command: string, folder: string, ...rest: string[]) => [
  process.execPath,
  reference,
  command,
  ...[
    '--workspace-folder',
    folder,
    '--docker-path',
    'docker',
    '--user-data-folder',
    join(daemon.directory, 'user'),
  ],
  ...rest,
];

function project(): string {
  const folder = makeProject(daemon.directory, {
    image: 'berth/base',
    containerEnv: { A: '1' },
    remoteEnv: { B: '${containerEnv:A}2' },
    onCreateCommand: 'echo onCreate >>log',
    postCreateCommand: 'echo postCreate $B >>log',
    postStartCommand: 'echo postStart >>log',
    postAttachCommand: 'echo postAttach >>log',
  });
  folders.push(folder);
  return folder;
}
const log = (folder: string) => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');

describe('@devcontainers/cli', () => {
  it('makes a container, works in it, and Berth goes on with it', async () => {
    const folder = project();
    const theirs = await json(devcontainer('up', folder, '--update-remote-user-uid-default', 'never'));
    expect(theirs).toMatchObject({
      outcome: 'success',
      remoteUser: 'root',
      remoteWorkspaceFolder: expect.stringMatching(/^\/workspaces\//),
    });
    expect(log(folder)).toEqual(['onCreate', 'postCreate 12', 'postStart', 'postAttach']);
    const executed = await run(devcontainer('exec', folder, 'sh', '-c', 'echo $B; exit 3'), {
      env: daemon.env,
    });
    expect(executed).toMatchObject({ stdout: '12\n', code: 3 });

    const ours = await json([bin('berth'), 'up', '--json', folder]);
    expect(ours).toMatchObject({ outcome: 'success', containerId: theirs['containerId'], state: 'running' });
    expect(log(folder).slice(4)).toEqual(['postAttach']);
  });

  it('goes on with a container that Berth made, and runs nothing twice', async () => {
    const folder = project();
    const ours = await json([bin('berth'), 'up', '--json', folder]);
    const theirs = await json(devcontainer('up', folder, '--update-remote-user-uid-default', 'never'));
    expect(theirs['containerId']).toBe(ours['containerId']);
    expect(log(folder)).toEqual(['onCreate', 'postCreate 12', 'postStart', 'postAttach', 'postAttach']);
  });

  // `up` begins to listen to events before it runs the container, and waits for one event: late or lost, it hangs.
  it('sees the start event each time', async () => {
    for (let round = 0; round < 5; round++) {
      const folder = project();
      expect(await json(devcontainer('up', folder, '--skip-post-create'))).toMatchObject({
        outcome: 'success',
      });
    }
  });
});
