/**
 * The images of `examples/blog` and `examples/chat`: the Debian development image below, one small layer with the app on top.
 * An OCI layout, which skopeo pushes to a registry (`pushExampleImages`).
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensureDevelopmentImage } from './development-image.mjs';
import { run, runMain } from './lib/command.mjs';
import { OciLayout } from './lib/oci-layout.mjs';
import { cache, projectRoot } from './lib/paths.mjs';
import { tar } from './lib/tar.mjs';

const fixedTime = 1704067200;
const created = '2024-01-01T00:00:00Z';
export const exampleImages = ['blog', 'chat'];

const appEntries = (name) => [
  { name: 'app', type: 'directory', mode: 0o755 },
  {
    name: 'app/server.js',
    type: 'file',
    mode: 0o644,
    data: readFileSync(join(projectRoot, 'examples', name, 'server.js')),
  },
  { name: `var/lib/${name}`, type: 'directory', mode: 0o755, uid: 1000, gid: 1000 },
];

async function digestOfFile(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** The base as it is in the cache: linked where the file system allows it, since it is large. */
async function baseLayer(directory, { path, diffId }) {
  const hex = await digestOfFile(path);
  const blob = join(directory, 'blobs', 'sha256', hex);
  try {
    linkSync(path, blob);
  } catch {
    copyFileSync(path, blob);
  }
  return {
    mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
    digest: `sha256:${hex}`,
    size: statSync(path).size,
    diffId,
  };
}

/** @returns {Promise<string>} the directory of the layout, with the images `blog:latest` and `chat:latest` */
export async function buildExampleImages() {
  const base = await ensureDevelopmentImage();
  const inputs = createHash('sha256')
    .update(base.diffId)
    .update(readFileSync(import.meta.filename));
  for (const name of exampleImages)
    for (const file of ['server.js', 'image.json'])
      inputs.update(readFileSync(join(projectRoot, 'examples', name, file)));
  const directory = join(cache, 'example-images', inputs.digest('hex').slice(0, 16));
  if (existsSync(join(directory, 'index.json'))) return directory;
  const fresh = `${directory}.new-${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const layout = new OciLayout(fresh);
  const below = await baseLayer(fresh, base);
  for (const name of exampleImages) {
    const app = layout.layer(tar(appEntries(name), fixedTime));
    const config = JSON.parse(readFileSync(join(projectRoot, 'examples', name, 'image.json'), 'utf8'));
    config.Env = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...config.Env];
    layout.image(`${name}:latest`, {
      layers: [below, { ...app, diffId: app.digest }],
      created,
      config,
      history: ['the Debian development image', `examples/${name}`],
    });
  }
  layout.finish();
  rmSync(directory, { recursive: true, force: true });
  renameSync(fresh, directory);
  return directory;
}

/**
 * @param {string} registry `127.0.0.1:5000`; spoken to without TLS
 * @returns {Promise<string[]>} the images' full names
 */
export async function pushExampleImages(registry) {
  const layout = await buildExampleImages();
  return exampleImages.map((name) => {
    const full = `${registry}/examples/${name}:latest`;
    run(undefined, [
      'skopeo',
      'copy',
      '--quiet',
      '--dest-tls-verify=false',
      `oci:${layout}:${name}:latest`,
      `docker://${full}`,
    ]);
    return full;
  });
}

if (process.argv[1] === import.meta.filename) {
  await runMain(async () => {
    const registry = process.argv[2];
    const lines = registry === undefined ? [await buildExampleImages()] : await pushExampleImages(registry);
    process.stdout.write(`${lines.join('\n')}\n`);
  });
}
