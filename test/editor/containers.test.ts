import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { eventually, startDaemon, type TestDaemon } from '../harness/daemon';
import { asDeveloper, dev } from '../harness/user';
import { launchChromium } from './browser/chromium';
import { editorServer, packagedExtension } from './browser/prepared';
import { startOutsideEditor, type OutsideEditor } from './browser/outside-editor';
import { inWorkbench, type Workbench } from './browser/workbench';

describe('containers and images in the side bar', () => {
  let daemon: TestDaemon | undefined;
  let editor: OutsideEditor | undefined;
  let browser: Browser | undefined;

  beforeAll(async () => {
    daemon = await startDaemon();
    editor = await startOutsideEditor({
      editor: await editorServer(),
      vsix: await packagedExtension(),
      berthHost: `unix://${daemon.socket}`,
    });
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

  const open = (name: string, body: (workbench: Workbench) => Promise<void>) =>
    inWorkbench(browser!, `${editor!.url}/?folder=${editor!.home}`, name, async (workbench) => {
      await workbench.openBerth();
      await body(workbench);
    });

  const docker = (...words: string[]) => {
    const ran = asDeveloper(['docker', ...words], {
      env: { PATH: process.env['PATH'], DOCKER_HOST: `unix://${daemon!.socket}` },
    });
    expect(ran.status, ran.stderr).toBe(0);
    return ran.stdout.trim();
  };

  test(
    'an image runs in a terminal that has the right size, and shows up while it runs',
    { timeout: 120_000 },
    () =>
      open('run-image', async (workbench) => {
        await workbench.command('Berth: Run Image');
        await workbench.pick('berth/base');
        await workbench.pick('In a terminal, removed when it ends');
        await workbench.terminalReady();
        await workbench.row(/berth\/base.*Up/).waitFor({ timeout: 30_000 });
        const size = async () => {
          await workbench.shell('clear; stty size');
          await expect.poll(() => workbench.terminalText()).toMatch(/^\d+ \d+$/m);
          return /^(\d+) (\d+)$/m
            .exec(await workbench.terminalText())!
            .slice(1)
            .map(Number);
        };
        const shown = () =>
          workbench.page.locator('.terminal-wrapper .xterm:visible .xterm-rows > div').count();
        const before = await size();
        expect(before[0]).toBe(await shown());
        await workbench.screenshot('run-image');
        await workbench.page.setViewportSize({ width: 1000, height: 640 });
        await expect.poll(shown).not.toBe(before[0]);
        await expect.poll(size).toEqual([await shown(), expect.any(Number)]);
        await workbench.shell('exit');
        await workbench.row(/berth\/base.*Up/).waitFor({ state: 'detached', timeout: 30_000 });
      }),
  );

  test('a container that another client made can be looked after', { timeout: 120_000 }, () =>
    open('look-after', async (workbench) => {
      docker(
        'run',
        '-d',
        '--name',
        'looked-after',
        'berth/base',
        'sh',
        '-c',
        'while :; do echo tick; sleep 1; done',
      );
      await workbench.row(/looked-after.*Up/).waitFor({ timeout: 30_000 });

      await workbench.command('Berth: View Logs');
      await workbench.pick('looked-after');
      await expect.poll(() => workbench.terminalText(), { timeout: 20_000 }).toMatch(/tick\ntick/);
      await workbench.screenshot('log');

      await workbench.command('Berth: Open Terminal in Container');
      await workbench.pick('looked-after');
      // The log's terminal stays in front until the new one is there.
      await expect.poll(() => workbench.terminalText(), { timeout: 20_000 }).not.toContain('tick');
      await workbench.terminalReady();
      await workbench.shell('echo name=$(hostname)');
      const id = docker('inspect', '--format', '{{.Id}}', 'looked-after');
      await expect
        .poll(() => workbench.terminalText(), { timeout: 20_000 })
        .toContain(`name=${id.slice(0, 12)}`);

      await workbench.command('Berth: Stop Container');
      await workbench.pick('looked-after');
      await workbench.row(/looked-after.*Exited/).waitFor({ timeout: 30_000 });
      await workbench.command('Berth: Start Container');
      await workbench.pick('looked-after');
      await workbench.row(/looked-after.*Up/).waitFor({ timeout: 30_000 });

      await workbench.command('Berth: Remove Container');
      await workbench.pick('looked-after');
      await workbench.page.locator('.monaco-dialog-box').waitFor();
      await workbench.screenshot('remove');
      await workbench.dialog('Remove');
      await workbench.row('looked-after').waitFor({ state: 'detached', timeout: 30_000 });
      expect(docker('ps', '-aq')).toBe('');
    }),
  );

  test('the views come back by themselves after the helper was killed', { timeout: 120_000 }, () =>
    open('helper-restart', async (workbench) => {
      await workbench.row('berth/base').waitFor({ timeout: 30_000 });
      await daemon!.kill9();
      await workbench.page
        .locator('.sidebar')
        .getByText('helper is not running')
        .waitFor({ timeout: 30_000 });
      await daemon!.start();
      await workbench.row('berth/base').waitFor({ timeout: 40_000 });
    }),
  );

  test('cancelling a pull ends its download', { timeout: 120_000 }, async () => {
    const registry = await hangingRegistry();
    try {
      await open('cancel-pull', async (workbench) => {
        await workbench.command('Berth: Pull Image');
        await workbench.type(`127.0.0.1:${registry.port}/never/ends`);
        await registry.asked;
        await workbench.page.locator('.notifications-toasts').getByText('Pulling').waitFor();
        await workbench.screenshot('pull-progress');
        await workbench.page.locator('.notifications-toasts').getByRole('button', { name: 'Cancel' }).click();
        await registry.abandoned;
      });
    } finally {
      registry.server.closeAllConnections();
      registry.server.close();
    }
  });

  test(
    'a folder without a configuration gets one, after asking; an image without glibc gets a terminal',
    { timeout: 180_000 },
    async () => {
      const plain = join(editor!.home, 'plain');
      expect(asDeveloper(['mkdir', plain]).stderr).toBe('');
      await inWorkbench(browser!, `${editor!.url}/?folder=${plain}`, 'plain', async (outside) => {
        await outside.openBerth();
        await outside.command('Berth: Reopen in Container');
        await outside.pick('berth/base');
        await outside.page.locator('.monaco-dialog-box').waitFor();
        await outside.screenshot('offer-configuration');
        await outside.dialog('Write and Open');
        await outside.terminalReady();
        await outside.shell('echo "in $(pwd)" > where.txt');
        await eventually(
          'the terminal inside has written',
          () => existsSync(join(plain, 'where.txt')) && statSync(join(plain, 'where.txt')).size > 0,
          60_000,
        );
        expect(readFileSync(join(plain, 'where.txt'), 'utf8')).toBe('in /workspaces/plain\n');
        expect(owner(join(plain, 'where.txt'))).toEqual([dev.uid, dev.gid]);
        const written = join(plain, '.devcontainer', 'devcontainer.json');
        expect(JSON.parse(readFileSync(written, 'utf8'))).toEqual({
          name: 'plain',
          image: 'berth/base:latest',
        });
        expect(owner(written)).toEqual([dev.uid, dev.gid]);
        await outside.page
          .locator('.notification-list-item')
          .filter({ hasText: 'glibc' })
          .waitFor({ timeout: 30_000 });
        await outside.screenshot('terminal-instead');
      });
    },
  );

  test('an error says what, why and what next, and leads to the log', { timeout: 120_000 }, () =>
    open('error', async (workbench) => {
      await workbench.command('Berth: Pull Image');
      await workbench.type('127.0.0.1:1/nobody/listens');
      const showLog = workbench.page.getByRole('button', { name: 'Show Log' });
      const toast = workbench.page.locator('.notification-list-item').filter({ has: showLog });
      await toast.waitFor({ timeout: 60_000 });
      await workbench.screenshot('error');
      expect(await toast.innerText()).toContain('127.0.0.1:1');
      await toast.getByRole('button', { name: 'Show Log' }).click();
      await workbench.page.locator('.part.panel').getByText('berth.pullImage').first().waitFor();
    }),
  );
});

const owner = (path: string) => [statSync(path).uid, statSync(path).gid];

/** A registry that begins a manifest and never ends it. */
async function hangingRegistry() {
  const asked = Promise.withResolvers<undefined>();
  const abandoned = Promise.withResolvers<undefined>();
  const server: Server = createServer((request, response) => {
    if (!request.url?.includes('/manifests/')) {
      response.writeHead(200, { 'Docker-Distribution-Api-Version': 'registry/2.0' }).end('{}');
      return;
    }
    response.writeHead(200, {
      'Content-Type': 'application/vnd.oci.image.index.v1+json',
      'Content-Length': '1000',
    });
    response.write('{');
    asked.resolve(undefined);
    response.once('close', () => abandoned.resolve(undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, port, asked: asked.promise, abandoned: abandoned.promise };
}
