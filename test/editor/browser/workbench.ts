/** The gestures of a user in a workbench page. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { eventually, projectRoot } from '../../harness/daemon';

const artifacts = join(projectRoot, 'artifacts', 'editor');

export class Workbench {
  constructor(readonly page: Page) {}

  async loaded(): Promise<void> {
    await this.page.locator('.monaco-workbench .activitybar').waitFor({ timeout: 60_000 });
    await this.page.locator('.statusbar-item').first().waitFor({ timeout: 60_000 });
  }

  /** Runs a command by its title, through the palette. A window that has just opened does not offer all of them yet. */
  async command(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input');
    // By its beginning: another row offers to ask a chat about the words.
    const row = this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${title}"]`).first();
    for (let attempt = 0; attempt < 20; attempt++) {
      await this.page.keyboard.press('F1');
      await input.waitFor({ state: 'visible' });
      await input.fill(`>${title}`);
      const offered = await row.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
      if (offered) {
        await row.click();
        return;
      }
      await this.page.keyboard.press('Escape');
      await input.waitFor({ state: 'hidden' });
    }
    throw new Error(`the palette does not offer ${title}`);
  }

  /** Answers a quick pick or input box. */
  async pick(text: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
    await row.click();
  }

  async type(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input');
    await input.waitFor({ state: 'visible' });
    await input.fill(text);
    await input.press('Enter');
  }

  /** Shows the Berth views; a click on their icon would hide them when they are shown already. */
  async openBerth(): Promise<void> {
    await this.command('View: Show Berth');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Trusts the workspace that is open, through the editor's own page for it. */
  async trustWorkspace(): Promise<void> {
    const page = this.page.locator('.workspace-trust-editor');
    await page.getByRole('button', { name: 'Trust', exact: true }).click();
    await page.getByText('You trust this folder').waitFor();
  }

  /** A view of the sidebar, by its name. */
  view(name: string): Locator {
    return this.page
      .locator('.sidebar .split-view-view')
      .filter({ has: this.page.locator(`.pane-header[aria-label^="${name}"]`) });
  }

  /** Types a line into the terminal that has the focus. */
  async shell(line: string): Promise<void> {
    await this.page.keyboard.type(`${line}\n`);
  }

  /** Waits for a terminal that is ready to be typed into. */
  async terminalReady(): Promise<void> {
    // A click stays with the terminal that it found first, also when another takes its place: so it is tried anew.
    const clicked = () =>
      this.page
        .locator('.terminal-wrapper .xterm:visible')
        .first()
        .click({ timeout: 2_000 })
        .then(
          () => true,
          () => false,
        );
    await eventually('a terminal can be clicked', clicked, 30_000);
  }

  /** A row of a tree in the sidebar. */
  row(text: string | RegExp): Locator {
    return this.page.locator('.sidebar .monaco-list-row').filter({ hasText: text }).first();
  }

  /** Answers a modal dialog. */
  async dialog(button: string): Promise<void> {
    await this.page.locator('.monaco-dialog-box').getByRole('button', { name: button }).click();
  }

  /** The text that the visible terminal shows. Its accessible rows are off; the DOM renderer's rows are not. */
  async terminalText(): Promise<string> {
    const rows = await this.page
      .locator('.terminal-wrapper .xterm:visible .xterm-rows > div')
      .allInnerTexts();
    return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(artifacts, { recursive: true });
    await this.page.screenshot({ path: join(artifacts, `${name}.png`) });
  }
}

/** Opens a page for the time of `body`; when that fails, a screenshot says what there was to see. */
export async function inWorkbench(
  browser: Browser,
  url: string,
  name: string,
  body: (workbench: Workbench) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const workbench = new Workbench(await context.newPage());
  try {
    await workbench.page.goto(url);
    await workbench.loaded();
    await body(workbench);
  } catch (error) {
    for (const [index, page] of context.pages().entries())
      await new Workbench(page).screenshot(`failed-${name}-${index}`);
    throw error;
  } finally {
    await context.close();
  }
}
