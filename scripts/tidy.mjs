/** `npm run tidy [-- FILE …]`: clang-tidy over the native parts, some minutes for all of them; not part of `check` for that reason. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { bootstrap, nodeHome } from './lib/bootstrap.mjs';
import { Failure, runMain } from './lib/command.mjs';
import { nativeSources } from './lib/native-sources.mjs';
import { projectRoot } from './lib/paths.mjs';

const native = join(projectRoot, 'helper-daemon', 'native');
const flags = [
  '-std=c++20',
  '-D_GNU_SOURCE',
  '-DNAPI_VERSION=9',
  '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
  `-I${native}`,
  `-isystem${join(nodeHome, 'include', 'node')}`,
  `-isystem${join(projectRoot, 'node_modules', 'node-addon-api')}`,
];

/** Resolves to what it found in one file; empty = nothing. */
const tidy = (file) =>
  new Promise((resolve, reject) => {
    const child = spawn('clang-tidy', ['--quiet', file, '--', ...flags], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve(code === 0 ? '' : output.trim() || `${file}: clang-tidy ended with ${code}`),
    );
  });

await runMain(async () => {
  bootstrap('tidy');
  const chosen = process.argv.slice(2);
  const files = nativeSources().filter((file) => file.endsWith('.cc') && file.startsWith(native));
  const waiting = files.filter((file) => chosen.length === 0 || chosen.some((each) => file.endsWith(each)));
  if (waiting.length === 0) throw new Failure(`no native source is named ${chosen.join(' ')}`);
  let findings = 0;
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const found = await tidy(file);
      if (found === '') continue;
      findings++;
      process.stdout.write(`${relative(projectRoot, file)}\n${found}\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  if (findings > 0) throw new Failure(`clang-tidy found something in ${findings} files`);
});
