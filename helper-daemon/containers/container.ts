/** One container in memory: its record, its state, and who waits for what. Only the lifecycle changes it. */
import type { WaitResponse } from '../../protocol/docker';
import { never } from '../clock';
import { EngineError } from '../error';
import { Monitor } from '../warden/monitor';
import type { ContainerRecord, ContainerState } from './container-record';
import type { DeferredStream } from './deferred-stream';

export interface PendingAttach {
  readonly stream: DeferredStream;
  readonly streams: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
}

type WaitEvent = 'exit' | 'removed';
interface Waiter {
  readonly event: WaitEvent;
  settle(response: WaitResponse): void;
}

export const freshState: ContainerState = {
  status: 'created',
  pid: 0,
  exitCode: 0,
  error: '',
  startedAt: never,
  finishedAt: never,
  oomKilled: false,
  restartCount: 0,
  stoppedByUser: false,
  ports: [],
  uid: 0,
  gid: 0,
  trace: [],
};

export class Container {
  record: ContainerRecord;
  state: ContainerState;
  readonly monitor: Monitor;
  /** Settles when the start under way is over, well or not. */
  starting: Promise<void> | undefined;
  removing: Promise<void> | undefined;
  removed = false;
  restartTimer: NodeJS.Timeout | undefined;
  stopWatching: (() => void) | undefined;
  /** Settles when the monitor of the last run has cleaned up behind itself: only then may the next one begin. */
  monitorGone: Promise<void> = Promise.resolve();
  /** [height, width] that a client asked for before there was a terminal. */
  pendingSize: readonly [number, number] | undefined;
  readonly pendingAttaches = new Set<PendingAttach>();
  readonly execIds = new Set<string>();
  private readonly waiters = new Set<Waiter>();

  constructor(record: ContainerRecord, state: ContainerState, socketPath: string) {
    this.record = record;
    this.state = state;
    this.monitor = new Monitor(socketPath);
  }

  get id(): string {
    return this.record.id;
  }

  /** Its first process exists: running or paused. */
  get alive(): boolean {
    return this.state.status === 'running' || this.state.status === 'paused';
  }

  /** Why a start failed is told by the start's own answer; here Docker's clients would print it a second time. */
  get exitResponse(): WaitResponse {
    return { StatusCode: this.state.exitCode };
  }

  /** Settles at the next exit or at the removal; never when the signal aborts before. */
  waitFor(event: WaitEvent, signal?: AbortSignal): Promise<WaitResponse> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        event,
        settle: (response) => {
          this.waiters.delete(waiter);
          resolve(response);
        },
      };
      this.waiters.add(waiter);
      signal?.addEventListener('abort', () => this.waiters.delete(waiter), { once: true });
    });
  }

  settle(event: WaitEvent): void {
    for (const waiter of [...this.waiters])
      if (waiter.event === event || event === 'removed') waiter.settle(this.exitResponse);
  }

  /** @throws EngineError 409 in Docker's words */
  requireAlive(): void {
    if (!this.alive) throw notRunning(this);
  }
}

export function notRunning(container: Container): EngineError {
  return new EngineError(409, 'not-running', `container ${container.id} is not running`);
}
