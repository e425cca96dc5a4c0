/**
 * Gets a machine that has only Node ≥ 20 and npm ready for a task. It has no dependencies itself,
 * does nothing that is done already, and says nothing when there is nothing to do.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, run } from './command.mjs';
import { cache, projectRoot } from './paths.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const nodePackage = `node-linux-${process.arch}`;
export const nodeHome = join(cache, 'node-24', 'node_modules', nodePackage);
const node24 = join(nodeHome, 'bin', 'node');
/** The npm of this machine; it runs on whichever Node is first on the PATH that it is given. */
export const npmCommand = () => {
  const found = (process.env.PATH ?? '')
    .split(':')
    .map((dir) => join(dir, 'npm'))
    .find((path) => existsSync(path));
  if (found === undefined)
    throw new Failure('npm is not on the PATH; install it (Debian: apt-get install npm) and run this again');
  return found;
};

function checkPlatform() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new Failure(
      `Berth's helper builds and runs on Linux (x64, arm64); this is ${process.platform} ${process.arch}`,
    );
  }
}

function ensureNode24() {
  if (existsSync(node24)) return;
  run('Getting Node 24', [
    npmCommand(),
    'install',
    '--prefix',
    join(cache, 'node-24'),
    '--no-audit',
    '--no-fund',
    `${nodePackage}@24`,
  ]);
}

/** `npm ci` when the lock file has changed since the last one. */
function ensureDependencies() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(projectRoot, 'package-lock.json')))
    .digest('hex');
  const stamp = join(projectRoot, 'node_modules', '.berth-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  run('Installing dependencies', [npmCommand(), 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: projectRoot,
  });
  writeFileSync(stamp, wanted);
}

/**
 * Prepares for `task` and makes sure that the script runs under Node 24: under another Node it runs itself again and exits with the result.
 * @param {'build' | 'start' | 'editor' | 'check' | 'tidy' | 'test' | 'bench'} task
 */
export function bootstrap(task) {
  checkPlatform();
  ensureSystemPackages(task);
  ensureNode24();
  if (process.versions.node.split('.')[0] !== '24') {
    const env = { ...process.env, PATH: `${join(nodeHome, 'bin')}:${process.env.PATH}` };
    const again = spawnSync(node24, process.argv.slice(1), { stdio: 'inherit', env });
    if (again.error) throw again.error;
    process.exit(again.status ?? 1);
  }
  ensureDependencies();
}
