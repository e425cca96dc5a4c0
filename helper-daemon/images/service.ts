/** The image service: what the HTTP layer and the containers ask for, put together from the parts in this folder. */
import type { Caller, ImageService } from '../api/services';
import { EngineError } from '../error';
import type { Log } from '../log';
import { BlobStore } from '../storage/blob-store';
import type { Database } from '../storage/database';
import { LayerStore } from '../storage/layer-store';
import type { LayerAddon, LayerTrees } from '../storage/layer-trees';
import { EmbeddedImages } from './embedded-images';
import { ImageCatalog, tagText } from './image-catalog';
import type { Found } from './image-catalog';
import { pruneImages } from './image-prune';
import { removeImage } from './image-remove';
import type { Announce, ImageUser } from './image-remove';
import { ImageRows } from './image-rows';
import { imageHistory, imageLayers, inspectImage, listImages } from './image-views';
import { importTar } from './import';
import { LayerFlights } from './layer-flights';
import { pull } from './pull';
import { canonicalName, familiarReference, parseReference, parseRepository, parseTag } from './reference';
import { logIn } from './registry-login';
import { RegistryTransport } from './registry-transport';
import { everybody, importScope, tagScope } from './scope';

export interface ImageDependencies {
  /** The engine's root directory. */
  readonly root: string;
  /** With `imageMigrations` applied. */
  readonly database: Database;
  readonly trees: LayerTrees;
  readonly addon: LayerAddon;
  /** The OCI layout of the embedded images (`dist/images`). */
  readonly embedded: string;
  /** Containers made from an image, running or not. */
  readonly imageInUse: (imageId: string) => readonly ImageUser[];
  readonly announce: Announce;
  readonly log: Log;
  /** PEM files of further certificate authorities that registries are trusted by. */
  readonly certificates?: readonly string[];
}

export interface Images extends ImageService {
  /** To be awaited before the first request: removes what a crash left behind. */
  start(): Promise<void>;
  /** To be called when a container is gone: its image may have been waiting for that. */
  collect(): Promise<void>;
  close(): Promise<void>;
}

export function createImageService(dependencies: ImageDependencies): Images {
  const { announce, imageInUse, log } = dependencies;
  const layers = new LayerStore(
    dependencies.root,
    dependencies.database,
    dependencies.trees,
    dependencies.addon,
    log,
  );
  const catalog = new ImageCatalog(
    new ImageRows(dependencies.database),
    layers,
    new BlobStore(dependencies.root),
    imageInUse,
  );
  const transport = new RegistryTransport(dependencies.certificates);
  const flights = new LayerFlights();
  const embedded = new EmbeddedImages(dependencies.embedded, catalog);
  const removal = { catalog, imageInUse, announce };
  const containersOf = (imageId: string) => imageInUse(imageId).length;

  const find = async (caller: Caller, name: string): Promise<Found> => {
    await embedded.ensure(name);
    return catalog.find(caller, name);
  };

  return {
    start: () => catalog.sweep(),
    close: () => transport.close(),
    async collect() {
      await catalog.collect();
    },

    async pull(caller, request, progress) {
      if (embedded.isEmbedded(request.reference)) {
        const reference = { ...parseReference(request.reference), tag: 'latest' };
        const repository = canonicalName(reference.repository);
        const before = catalog.rows.tag(everybody, repository, 'latest');
        progress({
          status: `Pulling from ${familiarReference(reference).replace(/:latest$/, '')}`,
          id: 'latest',
        });
        await embedded.ensure(request.reference);
        const { image } = catalog.find(caller, request.reference);
        progress({ status: `Digest: ${image.manifest ?? image.id}` });
        progress({
          status: `Status: ${before === undefined ? 'Downloaded newer image' : 'Image is up to date'} for ${familiarReference(reference)}`,
        });
        return;
      }
      const started = performance.now();
      const { id, scope } = await pull({ transport, catalog, flights }, caller, request, progress);
      log.info('pulled', {
        reference: request.reference,
        id,
        uid: caller.uid,
        milliseconds: Math.round(performance.now() - started),
      });
      announce('pull', id, request.reference, scope);
    },

    async importTar(caller, request, progress) {
      const id = await importTar(catalog, caller, request, progress);
      announce('import', id, request.repo ?? id, importScope(caller));
      return id;
    },

    list: (caller, { filters }) => listImages(catalog, caller, filters, containersOf),

    async inspect(caller, name) {
      await embedded.ensure(name);
      return inspectImage(catalog, caller, name);
    },

    async history(caller, name) {
      await embedded.ensure(name);
      return imageHistory(catalog, caller, name);
    },

    async layers(caller, name) {
      await embedded.ensure(name);
      return imageLayers(catalog, caller, name);
    },

    async tag(caller, name, repo, tag) {
      const repository = parseRepository(repo);
      const newTag = parseTag(tag === undefined || tag === '' ? 'latest' : tag);
      const text = `${canonicalName(repository)}:${newTag}`;
      if (embedded.isEmbedded(text))
        throw new EngineError(
          409,
          'reserved-name',
          `${familiarReference({ repository, tag: newTag, digest: undefined })} is the name of an image in Berth's package and cannot be given to another.`,
        );
      const { image } = await find(caller, name);
      const scope = tagScope(caller, catalog.rows.grants(image.id));
      catalog.rows.atomically(() => {
        catalog.rows.setTag({
          scope,
          repository: canonicalName(repository),
          tag: newTag,
          imageId: image.id,
          ownerUid: caller.uid,
        });
        catalog.rows.grant(image.id, scope);
      });
      announce('tag', image.id, tagText({ repository: canonicalName(repository), tag: newTag }), scope);
    },

    remove: (caller, name, { force }) => removeImage(removal, caller, name, force),
    prune: (caller, filters) => pruneImages(removal, caller, filters),
    auth: (request, signal) => logIn(transport, request, signal),

    async resolve(caller, name) {
      const { image } = await find(caller, name);
      const diffIds = catalog.rows.diffIds(image.id);
      const releases = [catalog.lease(image.id), layers.lease(diffIds)];
      const release = () => {
        for (const end of releases) end();
      };
      try {
        const { config } = await catalog.configuration(image.id);
        return {
          id: image.id,
          name,
          config: config ?? {},
          layers: diffIds.map((diffId) => layers.path(diffId)),
          release,
        };
      } catch (error) {
        release();
        throw error;
      }
    },

    async diskUsage(caller) {
      const images = await listImages(catalog, caller, new Map(), containersOf);
      const diffIds = new Set(images.flatMap((image) => catalog.rows.diffIds(image.Id)));
      return {
        LayersSize: [...diffIds].reduce((sum, diffId) => sum + (layers.get(diffId)?.bytes ?? 0), 0),
        Images: images,
      };
    },

    count: (caller) => catalog.seenBy(caller).length,
  };
}
