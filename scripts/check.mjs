/** `npm run check`: types, lint and format of TypeScript and C++. */
import { join } from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { run, runMain } from './lib/command.mjs';
import { projectRoot } from './lib/paths.mjs';
import { nativeSources } from './lib/native-sources.mjs';

const tool = (...parts) => [
  process.execPath,
  '--max-old-space-size=4096',
  join(projectRoot, 'node_modules', ...parts),
];

await runMain(async () => {
  bootstrap('check');
  const cwd = projectRoot;
  run('Types', [...tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', '.'], { cwd });
  run(
    'Lint',
    [...tool('eslint', 'bin', 'eslint.js'), '.', '--cache', '--cache-location', 'dist/.eslintcache'],
    { cwd },
  );
  run('Format', [...tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'], { cwd });
  run('Format of the native parts', ['clang-format', '--dry-run', '--Werror', ...nativeSources()], { cwd });
});
