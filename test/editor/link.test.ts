import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { openUri } from '../../core/editor/open-uri';
import { call, projectRoot, startDaemon, type TestDaemon } from '../harness/daemon';
import { dev } from '../harness/user';
import { launchChromium } from './browser/chromium';
import { startOutsideEditor, type OutsideEditor } from './browser/outside-editor';
import { editorServer, importDevelopmentImage, packagedExtension } from './browser/prepared';
import { inWorkbench, Workbench } from './browser/workbench';

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
  project = join(editor.home, 'hello node');
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

/** What `berth up --editor` sends to an installed editor: here the editor's own command takes it. */
test('a link opens its folder, and when that is trusted, in its container', { timeout: 240_000 }, () =>
  inWorkbench(browser!, `${editor!.url}/?ew=true`, 'link', async (window) => {
    const { page } = window;
    await window.command('Developer: Open URL');
    await window.type(openUri('code-oss', project));
    await window.dialog('Open');
    await page.waitForURL((url) => url.searchParams.get('folder') === project);
    await window.loaded();
    // The link has opened the window, and nothing more: anyone can make a link.
    await window.command('Workspaces: Manage Workspace Trust');
    await page.locator('.workspace-trust-editor').waitFor();
    expect(await environments()).toEqual([]);

    const opened = page.context().waitForEvent('page', { timeout: 120_000 });
    await window.trustWorkspace();
    const inside = new Workbench(await opened);
    expect(new URL(inside.page.url()).searchParams.get('folder')).toBe('/workspaces/hello node');
    await inside.loaded();
    expect(await environments()).toHaveLength(1);

    // Once: the next time the window opens it is a window like any other.
    await page.reload();
    await window.loaded();
    await window.openBerth();
    await window.row(/this folder · Up/).waitFor();
    expect(page.context().pages()).toHaveLength(2);
  }),
);

async function environments(): Promise<unknown[]> {
  return JSON.parse((await call(daemon!.socket, 'GET', '/containers/json?all=1')).body) as unknown[];
}
