/** `npm run package`: dist/berth-linux-<arch>.vsix, the extension with the helper inside. Prints its size. */
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { Failure, run, runMain } from './lib/command.mjs';
import { dist, projectRoot } from './lib/paths.mjs';

const executables = ['bin/berth', 'bin/berthd', 'bin/berth-runtime', 'bin/berth-warden', 'libexec/node'];

/** vsce keeps the modes that it finds; a helper that cannot be executed would only be noticed on a user's machine. */
function checkModes() {
  for (const path of executables) {
    if ((statSync(join(dist, path)).mode & 0o111) === 0) throw new Failure(`dist/${path} is not executable`);
  }
}

/** Packs what is built. @returns {string} path of the package */
export function pack() {
  checkModes();
  const target = `linux-${process.arch}`;
  const out = join(dist, `berth-${target}.vsix`);
  run(
    `Packing ${relative(projectRoot, out)}`,
    [
      process.execPath,
      join(projectRoot, 'node_modules', '@vscode', 'vsce', 'vsce'),
      'package',
      '--no-dependencies',
      '--target',
      target,
      '--out',
      out,
    ],
    { cwd: projectRoot },
  );
  return out;
}

if (process.argv[1] === import.meta.filename) {
  await runMain(async () => {
    bootstrap('build');
    await (await import('./build.mjs')).build();
    const out = pack();
    process.stdout.write(`${relative(projectRoot, out)} ${(statSync(out).size / 1e6).toFixed(1)} MB\n`);
  });
}
