import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Environment } from '../../../../core/devcontainer/open-environment';
import { windowWayIn } from '../../../../core/editor/installed-editor';
import type { Desktop } from '../../../../core/editor/installed-editor';
import { firstAvailable } from '../../../../core/editor/way-in';

let path = '';
beforeEach(() => {
  path = realpathSync(mkdtempSync(join(tmpdir(), 'berth-editors-')));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const project = { localFolder: '/home/me/a project' } as Environment;

/** A program that lists these extensions, and writes down what it is told to open. */
function editor(command: string, extensions: readonly string[], opens = `printf '%s\\n' "$@" > "$0.opened"`) {
  writeFileSync(
    join(path, command),
    `#!/bin/sh\nif [ "$1" = --list-extensions ]; then\n${extensions.map((each) => `echo ${each}\n`).join('')}exit 0\nfi\n${opens}\n`,
  );
  chmodSync(join(path, command), 0o755);
}

const opened = (command: string) =>
  readFileSync(join(path, `${command}.opened`), 'utf8')
    .trim()
    .split('\n');

const desktop = (more: Partial<Desktop> = {}, environment: Desktop['environment'] = {}): Desktop => ({
  environment: { PATH: `${path}:/usr/bin:/bin`, DISPLAY: ':7', ...environment },
  root: false,
  ...more,
});

async function open(of: Desktop) {
  const { way, reasons } = await firstAvailable([windowWayIn(of)], project);
  return way === undefined ? reasons : way.open(project, {});
}

describe('a window of an installed editor', () => {
  it.each([
    ['codium', 'vscodium'],
    ['code', 'vscode'],
    ['code-oss', 'code-oss'],
    ['code-insiders', 'vscode-insiders'],
  ])('%s is told to open the folder with its own scheme', async (command, scheme) => {
    editor(command, ['someone.else', 'Berth.berth']);
    const told: string[] = [];
    const url = `${scheme}://berth.berth/open?folder=%2Fhome%2Fme%2Fa%20project`;
    expect(await open(desktop({ report: (found) => told.push(found.path) }))).toEqual({ url });
    expect(opened(command)).toEqual(['--open-url', url]);
    expect(told).toEqual([join(path, command)]);
  });

  it('is that of the first editor that has the extension', async () => {
    editor('codium', ['someone.else', 'berth.berthing']);
    editor('code', ['berth.berth']);
    editor('code-insiders', ['berth.berth']);
    expect(await open(desktop())).toMatchObject({ url: expect.stringMatching(/^vscode:/) as string });
  });

  it('is not there without an editor, or without the extension, or with an editor that fails', async () => {
    const none = [expect.stringMatching(/^window: no editor with Berth's extension is on the PATH/)];
    expect(await open(desktop())).toEqual(none);
    editor('code', ['someone.else']);
    writeFileSync(join(path, 'codium'), '#!/bin/sh\necho berth.berth\nexit 1\n', { mode: 0o755 });
    expect(await open(desktop())).toEqual(none);
  });

  it('is not looked for in a relative entry of the PATH', async () => {
    editor('code', ['berth.berth']);
    const relative = { PATH: `.:../../../../../../../../../..${path}` };
    expect(await open(desktop({}, relative))).toEqual([expect.stringContaining('no editor')]);
  });

  it('is not there for root, without a desktop, or in a remote terminal: nothing is started', async () => {
    editor('code', ['berth.berth']);
    expect(await open(desktop({ root: true }))).toEqual(['window: editors refuse to run as root']);
    expect(await open(desktop({}, { DISPLAY: '' }))).toEqual(['window: there is no desktop here']);
    expect(await open(desktop({}, { VSCODE_IPC_HOOK_CLI: '/run/x' }))).toEqual([
      "window: this terminal is a remote window's",
    ]);
    expect(() => opened('code')).toThrow('ENOENT');
  });

  it('that cannot be opened says why, and what else there is', async () => {
    editor('code', ['berth.berth'], 'exit 3');
    await expect(open(desktop())).rejects.toMatchObject({
      problem: 'editor-failed',
      what: 'Visual Studio Code could not be asked to open the folder',
      why: expect.stringContaining('exit code 3') as string,
      next: expect.stringContaining('--editor=browser') as string,
    });
  });

  it('can be cancelled while the editor does not answer', async () => {
    editor('code', ['berth.berth'], 'exec sleep 1000');
    const way = windowWayIn(desktop());
    expect(await way.available(project)).toEqual({ available: true });
    const cancel = new AbortController();
    const opening = way.open(project, { signal: cancel.signal });
    cancel.abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  });
});
