/** What the editor tests need that takes long to make, made once and kept. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../harness/daemon';
import type { EditorServer } from './outside-editor';

const script = (name: string): Promise<unknown> =>
  import(pathToFileURL(join(projectRoot, 'scripts', name)).href);

/** Where code-server and the server that goes into containers are. */
export async function editorServer(): Promise<EditorServer> {
  const module = (await script('editor-server.mjs')) as { ensureEditorServer: () => EditorServer };
  return module.ensureEditorServer();
}

/** The package as users get it: `$BERTH_TEST_VSIX` when that names one, else packed from what is built, when it is older. */
export async function packagedExtension(): Promise<string> {
  const given = process.env['BERTH_TEST_VSIX'];
  if (given !== undefined) return given;
  const kept = join(projectRoot, 'dist', `berth-linux-${process.arch}.vsix`);
  const inputs = [
    'dist/extension.js',
    'dist/bin/berthd',
    'dist/bin/berth-warden',
    'dist/lib/berthd.js',
    'package.json',
    'package.nls.json',
  ];
  const changed = (path: string) => statSync(join(projectRoot, path)).mtimeMs;
  if (existsSync(kept) && inputs.every((path) => changed(path) < statSync(kept).mtimeMs)) return kept;
  const module = (await script('package.mjs')) as { pack: () => string };
  return module.pack();
}

/** Puts the Debian development image into a helper, for all its users. */
export async function importDevelopmentImage(socket: string): Promise<void> {
  const module = (await script('development-image.mjs')) as {
    importDevelopmentImage: (socket: string) => Promise<unknown>;
  };
  await module.importDevelopmentImage(socket);
}
