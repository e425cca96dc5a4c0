/** Reading a repository: manifests, configurations, blobs; each verified before it is used. */
import { EngineError } from '../error';
import { digestOf } from '../storage/digest';
import { downloadBlob } from './blob-download';
import type { Descriptor, Index, Manifest } from './manifest';
import { maxConfigBytes, maxManifestBytes, parseManifest } from './manifest';
import { mediaType } from './media-types';
import type { Reference } from './reference';
import { pullRefused, readRefusal, unreachable } from './registry-error';
import type { RegistrySession } from './registry-session';
import { readBounded } from './registry-transport';

const acceptedManifests = [
  mediaType.ociIndex,
  mediaType.dockerIndex,
  mediaType.ociManifest,
  mediaType.dockerManifest,
].join(', ');
const maxErrorBytes = 64 * 1024;

export interface FetchedManifest {
  readonly digest: string;
  readonly bytes: Buffer;
  readonly content: { readonly manifest: Manifest } | { readonly index: Index };
}

export class RegistryClient {
  constructor(
    private readonly session: RegistrySession,
    private readonly reference: Reference,
  ) {}

  /**
   * @param target a tag or a digest; what comes must have the digest
   * @param size if known, what comes must have it
   * @throws EngineError 404 with Docker's wording for an unknown tag or repository, 400 for a manifest that is refused, 401, 503
   */
  async manifest(target: string, size: number | undefined, signal: AbortSignal): Promise<FetchedManifest> {
    const response = await this.session.get(
      `${this.reference.repository.path}/manifests/${target}`,
      { accept: acceptedManifests },
      signal,
    );
    const bytes = await this.read(
      response.body,
      response.status === 200 ? maxManifestBytes : maxErrorBytes,
      'manifest',
    );
    if (response.status !== 200)
      throw pullRefused(this.reference, readRefusal(response.status, bytes), this.session.hasCredentials);
    const digest = digestOf(bytes);
    const promised = target.includes(':') ? target : response.headers['docker-content-digest'];
    if (promised !== undefined && promised !== digest) throw damaged('manifest', String(promised), digest);
    if (size !== undefined && size !== bytes.length)
      throw damaged('manifest', `${size} bytes`, `${bytes.length} bytes`);
    return { digest, bytes, content: parseManifest(response.headers['content-type'] ?? '', bytes) };
  }

  async configuration(descriptor: Descriptor, signal: AbortSignal): Promise<Buffer> {
    if (descriptor.size > maxConfigBytes)
      throw new EngineError(
        400,
        'config-invalid',
        `the image's configuration is refused: it has ${descriptor.size} bytes, more than ${maxConfigBytes}`,
      );
    const chunks: Buffer[] = [];
    for await (const chunk of this.blob(descriptor, signal)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (digestOf(bytes) !== descriptor.digest)
      throw damaged('configuration', descriptor.digest, digestOf(bytes));
    return bytes;
  }

  /** Its bytes; never more than the descriptor says, resumed when the connection breaks. The reader checks the digest. */
  blob(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Buffer> {
    return downloadBlob(this.session, this.reference, descriptor, signal);
  }

  private async read(
    body: Parameters<typeof readBounded>[0],
    maxBytes: number,
    what: string,
  ): Promise<Buffer> {
    try {
      return await readBounded(body, maxBytes, what);
    } catch (error) {
      throw unreachable(this.session.domain, error);
    }
  }
}

const damaged = (what: string, expected: string, actual: string) =>
  new EngineError(
    400,
    'manifest-damaged',
    `${what} verification failed: expected ${expected}, got ${actual}. The registry or something on the way has damaged it; nothing of it was kept.`,
  );
