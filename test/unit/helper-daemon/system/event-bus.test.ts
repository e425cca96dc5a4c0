import { describe, expect, it } from 'vitest';
import type { Caller, Filters } from '../../../../helper-daemon/api/services';
import { EventBus } from '../../../../helper-daemon/system/event-bus';

const alice: Caller = { uid: 1000, gid: 1000, groups: [], pid: 1, admin: false };
const bob: Caller = { ...alice, uid: 1001 };
const root: Caller = { ...alice, uid: 0, admin: true };
const none: Filters = new Map();

function listen(bus: EventBus, caller: Caller, filters: Filters = none, since?: number) {
  const seen: string[] = [];
  const end = new AbortController();
  bus.subscribe(caller, { since, until: undefined, filters, signal: end.signal }, (event) =>
    seen.push(`${event.Type} ${event.Action} ${event.Actor.ID}`),
  );
  return { seen, end };
}

describe('events', () => {
  it('reach their owner and administrators, and nobody else', () => {
    const bus = new EventBus();
    const [hers, his, roots] = [listen(bus, alice), listen(bus, bob), listen(bus, root)];
    bus.emit(1000, 'container', 'start', 'c', { name: 'n', image: 'i' });
    bus.emit(undefined, 'image', 'pull', 'i', { name: 'i' });
    expect([hers.seen.length, his.seen, roots.seen.length]).toEqual([2, ['image pull i'], 2]);
  });

  it('replay starts to a listener that comes late and asks for them, and nothing else', () => {
    const bus = new EventBus();
    bus.emit(1000, 'container', 'start', 'c', { name: 'n', image: 'i' });
    bus.emit(1000, 'container', 'die', 'c', { name: 'n', image: 'i' });
    expect(listen(bus, alice, new Map([['event', ['start']]])).seen).toEqual(['container start c']);
    expect(listen(bus, alice, new Map([['event', ['die']]])).seen).toEqual([]);
    expect(listen(bus, alice).seen).toEqual([]);
    expect(listen(bus, bob, new Map([['event', ['start']]])).seen).toEqual([]);
    expect(listen(bus, alice, none, 1).seen.length).toBe(2);
  });

  it('are filtered by exact labels, type, container and action with arguments', () => {
    const bus = new EventBus();
    const label = listen(bus, alice, new Map([['label', ['path=/a=b', 'x']]]));
    const exec = listen(
      bus,
      alice,
      new Map([
        ['event', ['exec_create']],
        ['container', ['web']],
      ]),
    );
    bus.emit(1000, 'container', 'exec_create: sh -c ls', 'c', {
      name: 'web',
      image: 'i',
      path: '/a=b',
      x: '',
    });
    bus.emit(1000, 'container', 'start', 'd', { name: 'other', image: 'i', path: '/a' });
    expect(label.seen).toEqual(['container exec_create: sh -c ls c']);
    expect(exec.seen).toEqual(['container exec_create: sh -c ls c']);
  });

  it('stop when the listener goes', () => {
    const bus = new EventBus();
    const { seen, end } = listen(bus, alice);
    end.abort();
    bus.emit(1000, 'container', 'start', 'c', {});
    expect([seen, bus.listenerCount]).toEqual([[], 0]);
  });
});
