/** What happens in the engine, told to whoever may know it; the last events are kept for `since`. */
import type { EventMessage } from '../../protocol/docker';
import type { Caller, EventSource, Filters } from '../api/services';
import { nowNs } from '../clock';
import { maySee } from '../policy/visibility';
import { matchesEvent } from './event-filter';

const kept = 1024;
/** A client that starts to listen right after `run` must not miss the start (docker-engine-api.md 9.2). */
const startReplayNs = 2_000_000_000n;
const nsPerSecond = 1_000_000_000;

interface Entry {
  /** undefined: everybody may know. */
  readonly ownerUid: number | undefined;
  readonly atNs: bigint;
  readonly message: EventMessage;
}

export type EventType = 'container' | 'image' | 'network' | 'volume' | 'daemon';

export class EventBus implements EventSource {
  private readonly recent: Entry[] = [];
  private readonly listeners = new Set<(entry: Entry) => void>();

  get listenerCount(): number {
    return this.listeners.size;
  }

  /** @param ownerUid who may see it besides administrators; undefined = everybody */
  emit(
    ownerUid: number | undefined,
    type: EventType,
    action: string,
    id: string,
    attributes: Readonly<Record<string, string>>,
  ): void {
    const atNs = nowNs();
    const seconds = Number(atNs / BigInt(nsPerSecond));
    const legacy =
      type === 'container' || type === 'image'
        ? { status: action, id, ...(attributes['image'] === undefined ? {} : { from: attributes['image'] }) }
        : {};
    const message: EventMessage = {
      ...legacy,
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: { ...attributes } },
      scope: 'local',
      time: seconds,
      timeNano: Number(atNs),
    };
    const entry = { ownerUid, atNs, message };
    this.recent.push(entry);
    if (this.recent.length > kept) this.recent.shift();
    for (const listener of this.listeners) listener(entry);
  }

  subscribe(
    caller: Caller,
    query: { since: number | undefined; until: number | undefined; filters: Filters; signal: AbortSignal },
    deliver: (event: EventMessage) => void,
  ): void {
    const { filters, signal } = query;
    const wanted = ({ ownerUid, message }: Entry) =>
      (ownerUid === undefined || maySee(caller, ownerUid)) && matchesEvent(message, filters);
    const untilNs = query.until === undefined ? undefined : BigInt(Math.round(query.until * nsPerSecond));
    for (const entry of this.recent.filter((each) => this.replays(each, query.since, filters))) {
      if (wanted(entry) && (untilNs === undefined || entry.atNs <= untilNs)) deliver(entry.message);
    }
    if (signal.aborted || (untilNs !== undefined && untilNs <= nowNs())) return;
    const listener = (entry: Entry) => {
      if (wanted(entry)) deliver(entry.message);
    };
    this.listeners.add(listener);
    signal.addEventListener('abort', () => this.listeners.delete(listener), { once: true });
  }

  private replays(entry: Entry, since: number | undefined, filters: Filters): boolean {
    if (since !== undefined) return entry.atNs >= BigInt(Math.round(since * nsPerSecond));
    const asksForStarts = filters.get('event')?.includes('start') === true;
    return asksForStarts && entry.message.Action === 'start' && nowNs() - entry.atNs <= startReplayNs;
  }
}
