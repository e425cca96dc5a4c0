/**
 * The browser editor: one installation of code-server, from which come the editor outside (tests drive it) and
 * the server that is mounted into containers. It lives in the cache, keyed by version, and is never rebuilt.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap, nodeHome, npmCommand } from './lib/bootstrap.mjs';
import { run, runMain } from './lib/command.mjs';
import { cache } from './lib/paths.mjs';
import { ensureSystemPackages } from './lib/system-packages.mjs';

export const editorVersion = '4.139.1';
const codeServer = join(cache, 'code-server', editorVersion);
/** Mounted as a whole into containers, so that another version shows up in those that run. */
const editorRoot = join(cache, 'editor');
const editor = join(editorRoot, editorVersion);

/** Fills a fresh directory and puts it in place in one step: an interrupted or a second run leaves nothing half done. */
function publish(target, fill) {
  if (existsSync(target)) return;
  mkdirSync(join(target, '..'), { recursive: true });
  const staging = mkdtempSync(`${target}.installing-`);
  try {
    fill(staging);
    execFileSync('chmod', ['-R', 'a+rX', staging]);
    if (!existsSync(target)) renameSync(staging, target);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function installCodeServer(directory) {
  // Its native addons are compiled against the headers that come with our Node; nothing is fetched for them.
  // Without a manifest of its own npm would install into a project further up.
  writeFileSync(join(directory, 'package.json'), '{"private":true}\n');
  run(
    `Installing the browser editor (code-server ${editorVersion}, some minutes)`,
    [
      npmCommand(),
      'install',
      '--foreground-scripts',
      '--no-audit',
      '--no-fund',
      `code-server@${editorVersion}`,
    ],
    {
      cwd: directory,
      env: {
        ...process.env,
        PATH: `${join(nodeHome, 'bin')}:${process.env.PATH}`,
        npm_config_nodedir: nodeHome,
      },
    },
  );
}

/** Hard links: the container's copy costs no space beside code-server's. */
function layOut(directory) {
  execFileSync('cp', [
    '-al',
    join(codeServer, 'node_modules/code-server/lib/vscode'),
    join(directory, 'vscode'),
  ]);
  linkSync(join(nodeHome, 'bin', 'node'), join(directory, 'node'));
}

/**
 * @returns {{version: string, editorRoot: string, node: string, serverMain: string, codeServer: string}}
 *   `editorRoot` holds `<version>/{node,vscode}`; `codeServer` is the script of code-server itself, to be run with Node 24
 */
export function ensureEditorServer() {
  if (!existsSync(editor)) {
    ensureSystemPackages('editor');
    publish(codeServer, installCodeServer);
    publish(editor, layOut);
  }
  return {
    version: editorVersion,
    editorRoot,
    node: join(editor, 'node'),
    serverMain: join(editor, 'vscode', 'out', 'server-main.js'),
    codeServer: join(codeServer, 'node_modules', 'code-server', 'out', 'node', 'entry.js'),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runMain(() => {
    bootstrap('editor');
    process.stdout.write(`${ensureEditorServer().codeServer}\n`);
  });
}
