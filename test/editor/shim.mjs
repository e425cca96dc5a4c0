#!/usr/bin/env node
/**
 * Stands in for the editor's executable where there is no desktop: starts the editor's server and a headless browser,
 * runs the extension tests that the arguments name inside it, and exits with their code. So the same suite runs in a
 * desktop editor and here.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import { launchChromium } from './browser/chromium.ts';
import { serve } from './browser/served.ts';

const deadline = Number(process.env.BERTH_SHIM_SECONDS ?? 240) * 1000;
/** Built-in services that complain about having no account, in every window. */
const chatter = /\b(chat|copilot|account|github|telemetry|settings sync|experiment)/i;

const option = (name) => {
  const start = `--${name}=`;
  return process.argv.find((word) => word.startsWith(start))?.slice(start.length);
};

/** The only plain argument that is a path: the folder to open. test-electron passes some of its own with dashes. */
const folder = process.argv.slice(2).find((word) => !word.startsWith('-'));

const data = mkdtempSync('/tmp/berth-shim-');
let server;
let browser;

async function finish(code) {
  await browser?.close().catch(() => undefined);
  await server?.stop().catch(() => undefined);
  rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
}

process.once('SIGTERM', () => void finish(143));
process.once('SIGINT', () => void finish(130));
process.once('SIGHUP', () => void finish(129));
setTimeout(() => {
  process.stderr.write(`the tests did not end within ${deadline / 1000} s\n${server?.output() ?? ''}\n`);
  void finish(1);
}, deadline).unref();

function print(type, args) {
  const [first, ...rest] = args;
  // A style for the browser's console is of no use in a terminal.
  const text = format(typeof first === 'string' ? first.replaceAll('%c', '') : first, ...rest);
  if (chatter.test(text)) return;
  (type === 'error' || type === 'warn' ? process.stderr : process.stdout).write(`${text}\n`);
}

async function main() {
  const { BERTH_EDITOR_NODE: node, BERTH_EDITOR_SERVER: serverMain } = process.env;
  if (node === undefined || serverMain === undefined)
    throw new Error('run through .vscode-test.mjs, which says where the editor server is');
  server = await serve({
    argv: [
      node,
      serverMain,
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--without-connection-token',
      '--accept-server-license-terms',
      '--server-data-dir',
      join(data, 'd'),
      '--enable-smoke-test-driver',
      '--disable-telemetry',
      '--disable-workspace-trust',
    ],
    env: { ...process.env, HOME: data, NODE_OPTIONS: '' },
    listening: /Extension host agent listening on (\d+)/,
  });
  const host = `127.0.0.1:${server.where}`;
  const remote = (path) => `vscode-remote://${host}${path}`;
  browser = await launchChromium();
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  let ended;
  const exit = new Promise((resolve) => (ended = resolve));
  await page.exposeFunction('codeAutomationLog', print);
  await page.exposeFunction('codeAutomationExit', (code) => ended(code));
  const payload = [
    ['extensionDevelopmentPath', remote(option('extensionDevelopmentPath'))],
    ['extensionTestsPath', remote(option('extensionTestsPath'))],
    ['skipWelcome', 'true'],
  ];
  const address = new URL(`http://${host}/`);
  if (folder !== undefined) address.searchParams.set('folder', folder);
  address.searchParams.set('payload', JSON.stringify(payload));
  await page.goto(address.href);
  const code = await exit;
  await finish(code);
}

main().catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  void finish(1);
});
