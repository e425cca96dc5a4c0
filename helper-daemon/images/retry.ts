/** Trying again, a bounded number of times, each pause longer and by a random part different, so that many clients do not come back at once. */
import { setTimeout as pause } from 'node:timers/promises';
import { isNetworkFailure, isRefusedConnection } from './registry-error';

const firstPauseMs = 250;
const longestPauseMs = 4000;
const maxAttempts = 5;
/** Nobody listens, or the name is unknown: one more try is enough for a restart that was just happening. */
const maxAttemptsRefused = 2;

/**
 * After the attempt number `attempts` (from 1) has failed: pauses, or rethrows when it is not to be tried again.
 * @throws `error`, when it is not one of the network or was the last allowed; the signal's reason when it aborts meanwhile
 */
export async function pauseOrThrow(error: unknown, attempts: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!isNetworkFailure(error) || attempts >= (isRefusedConnection(error) ? maxAttemptsRefused : maxAttempts))
    throw error;
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempts - 1));
  await pause(longest / 2 + (Math.random() * longest) / 2, undefined, { signal });
}

export async function withRetries<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      await pauseOrThrow(error, attempts, signal);
    }
  }
}
