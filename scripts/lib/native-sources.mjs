/** Every C++ file of the project. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './paths.mjs';

export function nativeSources() {
  const roots = [join(projectRoot, 'helper-daemon', 'native'), join(projectRoot, 'test', 'fuzz')];
  return roots.flatMap((root) =>
    readdirSync(root, { recursive: true })
      .filter((name) => /\.(cc|h)$/.test(name))
      .map((name) => join(root, name)),
  );
}
