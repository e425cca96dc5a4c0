import { z } from 'zod';
import type { Memento } from 'vscode';
import { pendingKey } from './pending-key';

/** A window may take this long to come up with its folder, in milliseconds; a wish older than that is forgotten. */
export const patience = 120_000;

const Pending = z.object({ folder: z.string(), until: z.number() });

/** Remembers, for the window that a folder is about to open in, that it is to be opened in its container. */
export async function rememberOpen(state: Memento, folder: string, now = Date.now()): Promise<void> {
  await state.update(pendingKey, { folder, until: now + patience });
}

/** Whether one of these folders is to be opened in its container: which one, and it is forgotten at once. */
export async function takeOpen(
  state: Memento,
  folders: readonly string[],
  now = Date.now(),
): Promise<string | undefined> {
  const stored = state.get(pendingKey);
  if (stored === undefined) return undefined;
  const pending = Pending.safeParse(stored).data;
  const expired = pending === undefined || pending.until <= now || pending.until > now + patience;
  if (!expired && !folders.includes(pending.folder)) return undefined;
  await state.update(pendingKey, undefined);
  return expired ? undefined : pending.folder;
}
