import type { EngineClient } from '../../core/engine/client';
import type { ImageNode } from './node';

const unnamed = '<none>:<none>';

/** One row for each name; an image without a name is one row by its id. */
export async function listImages(engine: EngineClient): Promise<ImageNode[]> {
  const rows = (await engine.images.list()).flatMap((summary) => {
    const names = summary.RepoTags.filter((name) => name !== unnamed);
    const references = names.length > 0 ? names : [summary.Id.replace(/^sha256:/, '').slice(0, 12)];
    return references.map((reference): ImageNode => ({ kind: 'image', id: summary.Id, reference, summary }));
  });
  return rows.sort((a, b) => a.reference.localeCompare(b.reference));
}
