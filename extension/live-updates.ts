import { setTimeout as delay } from 'node:timers/promises';
import type * as vscode from 'vscode';
import { isAbort } from '../core/error';
import type { Connection } from './connection';

export type Changed = 'container' | 'image';

const firstPause = 500;
const longestPause = 15_000;
/** Events come in bursts (create, attach, start …); one look at the end of a burst is enough. */
const quiet = 150;
/** What runs inside a container changes no view. */
const noise = /^(exec_|attach|detach|resize|top|copy|health_status)/;

/**
 * Keeps the views true: one subscription to the helper's events while a view is visible, opened again with growing
 * pauses when it breaks. Each time it opens, all views are asked to look again, so nothing is missed in between.
 */
export class LiveUpdates implements vscode.Disposable {
  #running: AbortController | undefined;
  #pause: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #changed = new Set<Changed>();

  constructor(
    private readonly connection: Connection,
    private readonly log: vscode.LogOutputChannel,
    private readonly refresh: (changed: ReadonlySet<Changed>) => void,
  ) {}

  setVisible(visible: boolean): void {
    if (!visible) this.dispose();
    else if (this.#running === undefined) {
      this.#running = new AbortController();
      void this.#run(this.#running.signal);
    }
  }

  /** Ends a pause between two tries. */
  retryNow(): void {
    this.#pause?.abort();
  }

  dispose(): void {
    this.#running?.abort();
    this.#running = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    let pause = firstPause;
    while (!signal.aborted) {
      try {
        await this.#follow(signal, () => (pause = firstPause));
        this.log.debug('the helper ended the event stream');
      } catch (error) {
        if (isAbort(error)) return;
        this.connection.report(error);
      }
      await this.#wait(pause, signal);
      pause = Math.min(pause * 2, longestPause);
    }
  }

  async #follow(signal: AbortSignal, opened: () => void): Promise<void> {
    const engine = await this.connection.engine();
    const since = Math.floor(Date.now() / 1000);
    await engine.ping({ signal });
    this.connection.report(undefined);
    opened();
    this.#look('container');
    this.#look('image');
    for await (const event of engine.events({ since, signal })) {
      if (event.Type === 'container' && !noise.test(event.Action)) this.#look('container');
      // An image that comes with Berth is taken in when a container is first made of it, and no event tells of that.
      if (event.Type === 'image' || event.Action === 'create') this.#look('image');
    }
  }

  #look(what: Changed): void {
    this.#changed.add(what);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const changed = new Set(this.#changed);
      this.#changed.clear();
      this.refresh(changed);
    }, quiet);
  }

  async #wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    const pause = (this.#pause = new AbortController());
    try {
      await delay(milliseconds, undefined, { signal: AbortSignal.any([signal, pause.signal]) });
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }
}
