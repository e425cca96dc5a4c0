import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { call, eventually, projectRoot, startDaemon, type TestDaemon } from '../harness/daemon';
import { asDeveloper, dev } from '../harness/user';
import { launchChromium } from './browser/chromium';
import { editorServer, importDevelopmentImage, packagedExtension } from './browser/prepared';
import { startOutsideEditor, type OutsideEditor } from './browser/outside-editor';
import { inWorkbench, Workbench } from './browser/workbench';

const namespaces = ['mnt', 'pid', 'uts', 'ipc', 'net', 'user', 'cgroup'] as const;

/**
 * The whole way, as a user goes it: an editor run by an unprivileged user, the package installed, *Reopen in Container*,
 * and then work in the window that opens. In the container the developer is uid 1000, on the host 12345.
 */
describe('Reopen in Container', () => {
  let daemon: TestDaemon | undefined;
  let editor: OutsideEditor | undefined;
  let browser: Browser | undefined;
  let project = '';

  beforeAll(async () => {
    daemon = await startDaemon();
    await importDevelopmentImage(daemon.socket);
    editor = await startOutsideEditor({
      editor: await editorServer(),
      vsix: await packagedExtension(),
      berthHost: `unix://${daemon.socket}`,
      settings: {
        'security.workspace.trust.enabled': true,
        'security.workspace.trust.startupPrompt': 'never',
      },
    });
    project = join(editor.home, 'hello-node');
    cpSync(join(projectRoot, 'examples', 'hello-node'), project, { recursive: true });
    execFileSync('chown', ['-R', `${dev.uid}:${dev.gid}`, project]);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    try {
      await daemon?.stop();
    } finally {
      await editor?.stop();
    }
  });

  test('opens a window inside; files have the right owners on both sides', { timeout: 240_000 }, () =>
    inWorkbench(browser!, `${editor!.url}/?folder=${project}`, 'reopen', async (outside) => {
      await outside.openBerth();
      await outside.row('hello-node').waitFor({ timeout: 30_000 });
      await outside.screenshot('environments');
      // A configuration can run commands and mount folders: not before the workspace is trusted.
      await outside.command('Berth: Reopen in Container');
      await outside.page.getByRole('button', { name: 'Manage Workspace Trust' }).click();
      await outside.screenshot('untrusted');
      await outside.trustWorkspace();
      const opened = outside.page.context().waitForEvent('page', { timeout: 120_000 });
      await outside.command('Berth: Reopen in Container');
      const inside = new Workbench(await opened);
      expect(new URL(inside.page.url()).searchParams.get('folder')).toBe('/workspaces/hello-node');
      await inside.loaded();
      await inside.screenshot('inside');
      const inner = await environmentOf(daemon!);

      // The terminal of that window runs in the container's namespaces.
      await inside.command('Terminal: Create New Terminal');
      await inside.terminalReady();
      const proof = join(project, 'proof.txt');
      await inside.shell(
        `sh -c 'hostname; id -u; for n in ${namespaces.join(' ')}; do readlink /proc/self/ns/$n; done; echo end' > proof.txt`,
      );
      await eventually('the terminal has written its proof', () => readIf(proof).endsWith('end\n'));
      const [hostname, uid, ...found] = readFileSync(proof, 'utf8').trim().split('\n');
      expect(hostname).toBe(inner.hostname);
      expect(uid).toBe('1000');
      expect(found.slice(0, -1)).toEqual(
        namespaces.map((name) => readlinkSync(`/proc/${inner.pid}/ns/${name}`)),
      );
      for (const name of namespaces) expect(found).not.toContain(readlinkSync(`/proc/self/ns/${name}`));
      await inside.screenshot('inside-terminal');

      // What uid 1000 makes inside belongs to the developer outside …
      expect(owner(proof)).toEqual([dev.uid, dev.gid]);
      const saved = join(project, 'written in the window inside');
      await inside.command('File: New Untitled Text File');
      await inside.page.locator('.editor-instance .monaco-editor').last().click();
      await inside.page.keyboard.type('written in the window inside');
      await inside.command('File: Save');
      // The editor proposes the first line as the name.
      const proposal = inside.page.locator('.quick-input-widget input');
      await expect
        .poll(() => proposal.inputValue())
        .toBe('/workspaces/hello-node/written in the window inside');
      await proposal.press('Enter');
      await eventually(
        'the editor has saved the file',
        () => readIf(saved) === 'written in the window inside',
      );
      expect(owner(saved)).toEqual([dev.uid, dev.gid]);

      // … and what the developer makes outside belongs to uid 1000 inside, who may change it.
      const made = asDeveloper(['sh', '-c', 'umask 077; echo outside > made-outside.txt'], { cwd: project });
      expect(made.stderr).toBe('');
      await inside.terminalReady();
      await inside.shell(`stat -c %u:%g made-outside.txt >> made-outside.txt`);
      await eventually('it was changed inside', () =>
        /1000:1000/.test(readIf(join(project, 'made-outside.txt'))),
      );
      expect(owner(join(project, 'made-outside.txt'))).toEqual([dev.uid, dev.gid]);

      await inside.row('server.js').dblclick();
      await inside.page.locator('.tab.active').filter({ hasText: 'server.js' }).waitFor();
      await inside.command('Terminal: Focus Terminal');
      await inside.shell('clear; hostname; node --version; cat made-outside.txt; echo shown > shown.txt');
      await eventually('the last command has run', () => readIf(join(project, 'shown.txt')) !== '');
      await inside.screenshot('inside-project');

      // Another window of the same editor, with a storage of its own, knows of it.
      await inWorkbench(browser!, `${editor!.url}/?folder=${project}`, 'reopened', async (second) => {
        await second.openBerth();
        await second.row(/hello-node.*this folder · Up/).waitFor();
        await second.screenshot('environment-running');
      });
    }),
  );
});

function readIf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

const owner = (path: string) => [statSync(path).uid, statSync(path).gid];

async function environmentOf({ socket }: TestDaemon): Promise<{ hostname: string; pid: number }> {
  const list = JSON.parse((await call(socket, 'GET', '/containers/json')).body) as { Id: string }[];
  const [only] = list;
  expect(list).toHaveLength(1);
  const inspect = JSON.parse((await call(socket, 'GET', `/containers/${only!.Id}/json`)).body);
  return { hostname: inspect.Config.Hostname, pid: inspect.State.Pid };
}
