/** `npm run bench [-- NAME … --runs N]`: ratios against Debian's peers (design: what is measured, and how, is in test/bench). */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { Failure, runMain } from './lib/command.mjs';
import { projectRoot } from './lib/paths.mjs';

await runMain(async () => {
  bootstrap('bench');
  if (process.getuid() !== 0)
    throw new Failure('the benchmarks start the helper and its peers, which need root: sudo npm run bench');
  await (await import('./build.mjs')).build();
  const ended = spawnSync(
    process.execPath,
    [join(projectRoot, 'test', 'bench', 'main.ts'), ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  process.exitCode = ended.status ?? 1;
});
