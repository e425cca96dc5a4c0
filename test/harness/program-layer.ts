/** A layer with a program of this machine and the libraries that it loads: an image of it runs the distribution's own binary. */
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { layerOf, tarOf } from './oci-image';
import type { MadeLayer } from './oci-image';

/**
 * @param program absolute path of a dynamically linked executable, e.g. /usr/bin/redis-server
 * @param extra further files, path → content
 */
export function programLayer(program: string, extra: Readonly<Record<string, string>> = {}): MadeLayer {
  const loaded = execFileSync('ldd', [program], { encoding: 'utf8' });
  const libraries = [...loaded.matchAll(/(\/[^\s()]+) \(0x/g)].map((match) => match[1] ?? '');
  const files = [program, ...libraries].map(
    (path) => [path.slice(1), readFileSync(realpathSync(path))] as const,
  );
  return layerOf(tarOf({ ...Object.fromEntries(files), ...extra }, 0o755));
}
