/** `npm run build`: everything in dist/. A second run with nothing changed takes a fraction of a second. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap, nodeHome } from './lib/bootstrap.mjs';
import { run, runMain } from './lib/command.mjs';
import { dist, projectRoot } from './lib/paths.mjs';

const native = join(projectRoot, 'helper-daemon', 'native');

function buildNative() {
  const make = [
    'make',
    '-s',
    '-C',
    native,
    `-j${availableParallelism()}`,
    `OUT=${dist}`,
    `NODE_INCLUDE=${join(nodeHome, 'include', 'node')}`,
    `NAPI_INCLUDE=${join(projectRoot, 'node_modules', 'node-addon-api')}`,
  ];
  const upToDate = existsSync(join(dist, 'bin', 'berth-warden')) && canSkip([...make, '-q']);
  if (!upToDate) run('Building the native parts', make);
}

function canSkip(argv) {
  try {
    run(undefined, argv);
    return true;
  } catch {
    return false;
  }
}

/** Files whose change means that the bundles are stale. */
function* sources(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (['node_modules', 'native', 'dist'].includes(entry.name)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts') || entry.name.endsWith('.json')) yield path;
  }
}

function buildBundles() {
  const hash = createHash('sha256');
  for (const room of ['extension', 'cli', 'core', 'protocol', 'helper-daemon']) {
    for (const path of sources(join(projectRoot, room)))
      hash.update(path.slice(projectRoot.length)).update(readFileSync(path));
  }
  for (const path of ['package.json', 'package-lock.json', 'webpack.config.js', 'tsconfig.json'])
    hash.update(readFileSync(join(projectRoot, path)));
  const wanted = hash.digest('hex');
  const stamp = join(dist, '.bundles');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  run(
    'Building the bundles',
    [process.execPath, join(projectRoot, 'node_modules', 'webpack', 'bin', 'webpack.js')],
    { cwd: projectRoot },
  );
  writeFileSync(stamp, wanted);
}

/** `bin/berth` and `bin/berthd`, and beside them the Node that they run on. */
function writeLaunchers() {
  mkdirSync(join(dist, 'libexec'), { recursive: true });
  const node = join(dist, 'libexec', 'node');
  const source = join(nodeHome, 'bin', 'node');
  if (!existsSync(node) || statSync(node).size !== statSync(source).size) {
    rmSync(node, { force: true });
    try {
      linkSync(source, node);
    } catch {
      copyFileSync(source, node);
    }
  }
  for (const name of ['berth', 'berthd']) {
    const path = join(dist, 'bin', name);
    const script = readFileSync(join(projectRoot, 'scripts', 'launcher.sh'), 'utf8').replaceAll(
      '@NAME@',
      name,
    );
    if (!existsSync(path) || readFileSync(path, 'utf8') !== script) writeFileSync(path, script);
    chmodSync(path, 0o755);
  }
}

export async function build() {
  mkdirSync(join(dist, 'bin'), { recursive: true });
  mkdirSync(join(dist, 'lib'), { recursive: true });
  buildNative();
  buildBundles();
  writeLaunchers();
  const embedded = join(projectRoot, 'scripts', 'embedded-images.mjs');
  if (existsSync(embedded)) await (await import(pathToFileURL(embedded).href)).buildEmbeddedImages();
}

if (process.argv[1] === import.meta.filename || process.argv[1]?.endsWith('/scripts/build.mjs')) {
  await runMain(async () => {
    bootstrap('build');
    await build();
  });
}
