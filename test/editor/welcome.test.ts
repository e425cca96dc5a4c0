import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from './browser/chromium';
import { editorServer, packagedExtension } from './browser/prepared';
import { startOutsideEditor, type OutsideEditor } from './browser/outside-editor';
import { inWorkbench } from './browser/workbench';

describe('where there is no helper yet', () => {
  let editor: OutsideEditor | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    editor = await startOutsideEditor({
      editor: await editorServer(),
      vsix: await packagedExtension(),
      berthHost: 'unix:///nonexistent/berth.sock',
    });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await editor?.stop();
  });

  test('the views say so, and the button shows the exact command before it runs', { timeout: 120_000 }, () =>
    inWorkbench(browser!, `${editor!.url}/?folder=${editor!.home}`, 'welcome', async (workbench) => {
      await workbench.openBerth();
      const { page } = workbench;
      const welcome = page.locator('.sidebar').getByText("Berth's helper is not running on this machine");
      await welcome.waitFor({ timeout: 30_000 });
      await workbench.screenshot('welcome-without-helper');
      await page.locator('.sidebar').getByRole('button', { name: 'Install or Start the Helper' }).click();
      await expect.poll(() => workbench.terminalText(), { timeout: 30_000 }).toContain('/opt/berth/');
      expect(await workbench.terminalText()).toContain('berthd');
      await workbench.screenshot('start-helper-terminal');
    }),
  );
});
