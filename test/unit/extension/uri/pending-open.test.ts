import type { Memento } from 'vscode';
import { expect, it } from 'vitest';
import { pendingKey } from '../../../../extension/uri/pending-key';
import { patience, rememberOpen, takeOpen } from '../../../../extension/uri/pending-open';

/** What the editor keeps is JSON. */
function state(): Memento {
  const kept = new Map<string, string>();
  return {
    keys: () => [...kept.keys()],
    get: (key: string) => {
      const text = kept.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    update: (key: string, value: unknown) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, JSON.stringify(value));
      return Promise.resolve();
    },
  } as Memento;
}

it('happens once, in the window of the folder', async () => {
  const shared = state();
  await rememberOpen(shared, '/project', 1000);
  expect(await takeOpen(shared, [], 1001)).toBeUndefined();
  expect(await takeOpen(shared, ['/other'], 1001)).toBeUndefined();
  expect(await takeOpen(shared, ['/other', '/project'], 1001)).toBe('/project');
  expect(await takeOpen(shared, ['/project'], 1001)).toBeUndefined();
});

it('is forgotten after a while, by whichever window looks', async () => {
  const shared = state();
  await rememberOpen(shared, '/project', 1000);
  expect(await takeOpen(shared, ['/other'], 1000 + patience)).toBeUndefined();
  expect(shared.get(pendingKey)).toBeUndefined();
});

it('does not trust what it does not know', async () => {
  const shared = state();
  for (const strange of ['/project', { folder: 7, until: 2000 }, { folder: '/project', until: 1e15 }]) {
    await shared.update(pendingKey, strange);
    expect(await takeOpen(shared, ['/project'], 1000)).toBeUndefined();
    expect(shared.get(pendingKey)).toBeUndefined();
  }
});
