/** All containers by id, and how callers find theirs. */
import type { Caller } from '../api/services';
import { EngineError } from '../error';
import { maySee, ownFirst } from '../policy/visibility';
import type { Container } from './container';

const owner = (container: Container) => container.record.ownerUid;

export class ContainerRegistry {
  private readonly byId = new Map<string, Container>();
  /** Names that a create under way has taken: `uid/name`. */
  private readonly reserved = new Set<string>();

  add(container: Container): void {
    this.byId.set(container.id, container);
  }

  delete(container: Container): void {
    this.byId.delete(container.id);
  }

  get(id: string): Container | undefined {
    return this.byId.get(id);
  }

  all(): Container[] {
    return [...this.byId.values()];
  }

  visible(caller: Caller): Container[] {
    return this.all().filter((container) => maySee(caller, owner(container)));
  }

  named(ownerUid: number, name: string): Container | undefined {
    return this.all().find((container) => owner(container) === ownerUid && container.record.name === name);
  }

  isTaken(ownerUid: number, name: string): boolean {
    return this.reserved.has(`${ownerUid}/${name}`) || this.named(ownerUid, name) !== undefined;
  }

  /** Keeps the name until the returned function is called. @throws EngineError 409 in Docker's words */
  reserve(ownerUid: number, name: string): () => void {
    const holder = this.named(ownerUid, name);
    if (holder !== undefined || this.isTaken(ownerUid, name)) {
      throw new EngineError(
        409,
        'name-conflict',
        `Conflict. The container name "/${name}" is already in use by container "${holder?.id ?? 'being created'}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    }
    const key = `${ownerUid}/${name}`;
    this.reserved.add(key);
    return () => this.reserved.delete(key);
  }

  /** By full id, name, or an unambiguous prefix of the id. @throws EngineError 404 also for what belongs to another user, 400 when ambiguous */
  find(caller: Caller, reference: string): Container {
    const exact = this.byId.get(reference);
    if (exact !== undefined && maySee(caller, owner(exact))) return exact;
    const bare = reference.startsWith('/') ? reference.slice(1) : reference;
    const visible = this.visible(caller);
    const named = ownFirst(
      caller,
      visible.filter((container) => container.record.name === bare),
      owner,
    );
    if (named !== undefined) return named;
    const prefixed = /^[0-9a-f]+$/.test(reference)
      ? visible.filter((container) => container.id.startsWith(reference))
      : [];
    if (prefixed.length > 1)
      throw new EngineError(400, 'ambiguous-id', `multiple IDs found with provided prefix: ${reference}`);
    const [only] = prefixed;
    if (only === undefined)
      throw new EngineError(404, 'no-such-container', `No such container: ${reference}`);
    return only;
  }
}
