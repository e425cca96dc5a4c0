/**
 * `npm test [-- vitest arguments]`: sets up what the tests need, builds, runs every kind of test (benchmarks and fuzzing have their own commands),
 * then looks for what the run left on the machine. Ends with `N passed, N failed, N skipped`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap } from './lib/bootstrap.mjs';
import { Failure, runMain } from './lib/command.mjs';
import { leftovers, machineState } from './lib/leftovers.mjs';
import { projectRoot } from './lib/paths.mjs';

/** A test set-up that takes minutes the first time is done here, where it is seen, and not inside a test's deadline. */
async function prepare(kinds) {
  const step = async (file, name) => {
    const module = await import(pathToFileURL(join(projectRoot, 'scripts', file)).href);
    await module[name]();
  };
  if (kinds.some((kind) => ['engine', 'clients', 'editor'].includes(kind)))
    await step('development-image.mjs', 'ensureDevelopmentImage');
  if (kinds.includes('editor')) await step('editor-server.mjs', 'ensureEditorServer');
}

await runMain(async () => {
  bootstrap('test');
  if (process.getuid() !== 0)
    throw new Failure('the tests start the helper, which needs root: sudo npm test');
  await (await import('./build.mjs')).build();
  const given = process.argv.slice(2);
  const all = ['unit', 'engine', 'clients', 'hostile', 'faults', 'editor'];
  const chosen = given.flatMap((word, index) =>
    word === '--project' ? [given[index + 1]] : word.startsWith('--project=') ? [word.slice(10)] : [],
  );
  await prepare(chosen.length > 0 ? chosen : all);

  const before = machineState();
  const report = join(projectRoot, 'artifacts', 'tests.json');
  mkdirSync(join(projectRoot, 'artifacts'), { recursive: true });
  rmSync(report, { force: true });
  const vitest = [
    join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${report}`,
    ...given,
  ];
  const ended = spawnSync(process.execPath, vitest, { cwd: projectRoot, stdio: 'inherit' });

  const left = leftovers(before);
  if (left.length > 0)
    process.stderr.write(`\nleft behind by the tests:\n${left.map((line) => `  ${line}`).join('\n')}\n`);
  if (!existsSync(report)) throw new Failure('the test runner ended without a report');
  const {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: todo,
  } = JSON.parse(readFileSync(report, 'utf8'));
  const brokenFiles = ended.status !== 0 && failed === 0 ? 1 : 0;
  const failures = failed + left.length + brokenFiles;
  process.stdout.write(`\n${passed} passed, ${failures} failed, ${skipped + todo} skipped\n`);
  if (failures > 0) process.exitCode = 1;
});
