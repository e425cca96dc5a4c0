/** `npm run format`: writes the format that `npm run check` asks for. */
import { join } from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { run, runMain } from './lib/command.mjs';
import { nativeSources } from './lib/native-sources.mjs';
import { projectRoot } from './lib/paths.mjs';

await runMain(async () => {
  bootstrap('check');
  run(
    'Formatting',
    [
      process.execPath,
      join(projectRoot, 'node_modules', 'prettier', 'bin', 'prettier.cjs'),
      '--write',
      '--log-level',
      'warn',
      '.',
    ],
    { cwd: projectRoot },
  );
  run('Formatting the native parts', ['clang-format', '-i', ...nativeSources()], { cwd: projectRoot });
});
