import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@vscode/test-cli';
import { ensureEditorServer } from './scripts/editor-server.mjs';

/**
 * The extension's tests inside an editor. On a desktop they run in a real window (`BERTH_DESKTOP=1`); else the shim runs
 * them in a browser workbench. The user-data directory must be short: the editor makes a socket in it.
 */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function headless() {
  const { node, serverMain } = ensureEditorServer();
  return {
    useInstallation: { fromPath: here('test/editor/shim.mjs') },
    env: { BERTH_EDITOR_NODE: node, BERTH_EDITOR_SERVER: serverMain },
  };
}

export default defineConfig({
  files: 'dist/editor-suite/*.js',
  workspaceFolder: process.env.BERTH_TEST_WORKSPACE ?? mkdtempSync(join(tmpdir(), 'berth-w-')),
  mocha: { timeout: 60_000 },
  ...(process.env.BERTH_DESKTOP === '1' ? {} : headless()),
});
