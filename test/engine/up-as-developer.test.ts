/** `berth up` as an unprivileged developer types it: who owns what, and the editor inside. */
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, projectRoot, startDaemon, type TestDaemon } from '../harness/daemon';
import { makeProject } from '../harness/project';
import { run, type Ran } from '../harness/run';
import { dev, ensureDeveloper } from '../harness/user';

let daemon: TestDaemon;
let folder: string;
let cache: string;

const script = async <T>(name: string): Promise<T> =>
  (await import(pathToFileURL(join(projectRoot, 'scripts', name)).href)) as T;

const berth = (...words: string[]): Promise<Ran> => berthWith({}, ...words);

const berthWith = (more: NodeJS.ProcessEnv, ...words: string[]): Promise<Ran> =>
  run([bin('berth'), ...words], {
    uid: dev.uid,
    gid: dev.gid,
    cwd: '/',
    env: {
      PATH: process.env['PATH'],
      HOME: '/home/dev',
      BERTH_HOST: `unix://${daemon.socket}`,
      BERTH_CACHE: cache,
      ...more,
    },
    milliseconds: 90_000,
  });

async function ok(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await berth(...words);
  expect(code, `berth ${words.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  return stdout.trim();
}

interface Outcome {
  readonly outcome: string;
  readonly containerName: string;
  readonly remoteUser: string;
  readonly remoteWorkspaceFolder: string;
  readonly state: string;
  readonly editorUrl: string;
}
const up = async (...words: string[]): Promise<Outcome> =>
  JSON.parse(await ok('up', '--json', ...words, folder)) as Outcome;

beforeAll(async () => {
  ensureDeveloper();
  daemon = await startDaemon();
  const images = await script<{ importDevelopmentImage(socket: string): Promise<unknown> }>(
    'development-image.mjs',
  );
  await images.importDevelopmentImage(daemon.socket);
  // The developer's own cache, which the helper may open in their name. Hard links: the content is there once.
  const editor = await script<{ ensureEditorServer(): { editorRoot: string } }>('editor-server.mjs');
  cache = join(daemon.directory, 'cache');
  mkdirSync(cache);
  execFileSync('cp', ['-al', editor.ensureEditorServer().editorRoot, join(cache, 'editor')]);
  folder = makeProject(daemon.directory, { image: 'berth/debian-dev', remoteUser: 'vscode' }, dev);
});
afterAll(async () => {
  await daemon.stop();
});

describe('files of the project', () => {
  it('belong to the developer outside and to the container’s user inside', async () => {
    writeFileSync(join(folder, 'from-outside'), 'x');
    chownSync(join(folder, 'from-outside'), dev.uid, dev.gid);
    const { containerName, remoteUser, remoteWorkspaceFolder } = await up();
    expect(remoteUser).toBe('vscode');
    const inside = ['exec', '-u', remoteUser, '-w', remoteWorkspaceFolder, containerName, 'sh', '-c'];
    expect(
      await ok(
        ...inside,
        'id -u; touch from-inside; stat -c %u from-outside from-inside; echo y >>from-outside',
      ),
    ).toBe('1000\n1000\n1000');
    expect(statSync(join(folder, 'from-inside'))).toMatchObject({ uid: dev.uid, gid: dev.gid });
  });

  it('that root inside made are nobody’s outside, until they are given to the developer', async () => {
    const { containerName, remoteWorkspaceFolder } = await up();
    await ok('exec', '-u', 'root', '-w', remoteWorkspaceFolder, containerName, 'touch', 'from-root');
    const { uid } = statSync(join(folder, 'from-root'));
    expect([0, 1000, dev.uid]).not.toContain(uid);
    expect(await ok('own', folder)).toBe('1 file is yours now');
    expect(statSync(join(folder, 'from-root')).uid).toBe(dev.uid);
  });
});

describe('the browser editor', () => {
  it('is served from inside, to those who have its token', async () => {
    const { editorUrl, containerName } = await up('--editor');
    const url = new URL(editorUrl);
    expect(url.hostname).toBe('127.0.0.1');
    expect((await fetch(url.origin)).status).toBe(403);
    const redirect = await fetch(editorUrl, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    const page = await fetch(new URL(redirect.headers.get('location')!, url), {
      headers: { cookie: redirect.headers.getSetCookie()[0]!.split(';')[0]! },
    });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('workbench')]);

    const processes = await ok('exec', containerName, 'ps', '-eo', 'user,args');
    expect(processes).toMatch(/^vscode .*server-main\.js/m);
    expect(processes).not.toContain(url.searchParams.get('tkn'));
    expect((await up('--editor')).editorUrl).toBe(editorUrl);
  });
});

describe('an editor that is installed', () => {
  it('with the extension opens its window, and the browser editor is for all others', async () => {
    const programs = join(daemon.directory, 'programs');
    const told = join(daemon.directory, 'told');
    mkdirSync(programs);
    const code = join(programs, 'code');
    writeFileSync(
      code,
      `#!/bin/sh\n[ "$1" = --list-extensions ] && echo berth.berth || printf '%s ' "$@" >> ${told}\n`,
      { mode: 0o755 },
    );
    writeFileSync(told, '');
    chownSync(told, dev.uid, dev.gid);
    const desktop = { PATH: `${programs}:${process.env['PATH']}`, DISPLAY: ':7' };
    const link = `vscode://berth.berth/open?folder=${encodeURIComponent(folder)}`;

    const window = await berthWith(desktop, 'up', '--editor', folder);
    expect(window.code, window.stderr).toBe(0);
    expect(window.stderr).toContain(`Visual Studio Code (${code}) is asked to open ${folder}.`);
    expect(window.stdout).toContain(`editor    ${link}`);
    expect(readFileSync(told, 'utf8')).toBe(`--open-url ${link} `);

    const headless = await berthWith({ PATH: desktop.PATH }, 'up', '--editor', folder);
    expect(headless.stderr).toContain('The browser editor is used (window: there is no desktop here).');
    expect(headless.stdout).toMatch(/editor {4}http:\/\/127\.0\.0\.1:/);
    const wished = await berthWith(desktop, 'up', '--editor=browser', '--json', folder);
    expect(wished.stdout).toContain('"editorUrl":"http://127.0.0.1:');
    expect(readFileSync(told, 'utf8')).toBe(`--open-url ${link} `);
  });
});

describe('what goes wrong', () => {
  it('a command that fails: which, its exit code, its last words, and what to do', async () => {
    const failing = makeProject(
      daemon.directory,
      { image: 'berth/debian-dev', remoteUser: 'vscode', postCreateCommand: 'echo no such module; exit 9' },
      dev,
    );
    const { code, stderr } = await berth('up', failing);
    expect(code).toBe(1);
    expect(stderr).toContain('postCreateCommand ended with exit code 9');
    expect(stderr).toContain('no such module');
    expect(stderr).toMatch(/container keeps running.*berth exec -it/);
    const { stdout } = await berth('up', '--json', failing);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'error', command: 'postCreateCommand', exitCode: 9 });
    expect(await ok('down', '--remove', failing)).toMatch(/ removed$/);
  });

  it('a configuration that is broken: where', async () => {
    const { code, stderr } = await berth('up', makeProject(daemon.directory, '{\n  "image" "x"\n}', dev));
    expect(code).toBe(1);
    expect(stderr).toMatch(/devcontainer\.json:2:11 is not valid JSON/);
  });

  it('a command on the host: not without agreement', async () => {
    const initializing = makeProject(
      daemon.directory,
      { image: 'berth/debian-dev', initializeCommand: 'touch proof' },
      dev,
    );
    expect(await berth('up', initializing)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('touch proof'),
    });
    await ok('up', '--trust', initializing);
    expect(statSync(join(initializing, 'proof')).uid).toBe(dev.uid);
  });
});

it('stops and goes', async () => {
  const { containerName } = await up();
  expect(await ok('down', folder)).toBe(`${containerName} stopped`);
  expect(await ok('down', folder)).toBe(`${containerName} was stopped already`);
  expect((await up()).state).toBe('started');
  expect(await ok('down', '--remove', folder)).toBe(`${containerName} removed`);
  expect(await berth('down', folder)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has no dev container'),
  });
});
