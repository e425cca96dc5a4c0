import * as vscode from 'vscode';
import type { EngineClient } from '../core/engine/client';
import type { Transport } from '../core/engine/transport';
import { EngineUnavailableError, messageOf } from '../core/error';
import { redact } from './redact';

/** What the views' welcome texts are chosen by (context key `berth:helper`). */
export type HelperState = 'unknown' | 'ready' | 'absent' | 'denied' | 'outdated' | 'failed';

/** The one client of this window, made when it is first asked for. */
export class Connection implements vscode.Disposable {
  #client: Promise<EngineClient> | undefined;
  #state: HelperState = 'unknown';

  constructor(private readonly log: vscode.LogOutputChannel) {}

  /** @throws EngineUnavailableError for an address that is none; whether anybody listens there is seen at the first request */
  engine(): Promise<EngineClient> {
    this.#client ??= this.#open().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  /** Forgets the client, since the setting has changed. */
  reset(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.then((engine) => engine.close()).catch((error: unknown) => this.log.debug(messageOf(error)));
  }

  /** Takes note of how the last request went; undefined means well. */
  report(error: unknown): void {
    const state = error === undefined ? 'ready' : stateOf(error);
    if (state === undefined) this.log.error(redact(messageOf(error)));
    if (state === undefined || state === this.#state) return;
    this.#state = state;
    if (error === undefined) this.log.info('the helper answers');
    else this.log.warn(redact(messageOf(error)));
    void vscode.commands.executeCommand('setContext', 'berth:helper', state);
  }

  dispose(): void {
    this.reset();
  }

  /** Path of the socket that this window talks to. */
  async socketPath(): Promise<string> {
    return (await this.#host()).describe().replace(/^unix:\/\//, '');
  }

  async #open(): Promise<EngineClient> {
    const { EngineClient } = await import(/* webpackMode: "eager" */ '../core/engine/client');
    return new EngineClient(await this.#host());
  }

  async #host(): Promise<Transport> {
    const { discoverHost } = await import(/* webpackMode: "eager" */ '../core/hosts/discover');
    const setting = vscode.workspace.getConfiguration('berth').get<string>('host');
    return discoverHost(process.env, setting).transport;
  }
}

function stateOf(error: unknown): HelperState | undefined {
  if (!(error instanceof EngineUnavailableError)) return undefined;
  switch (error.reason) {
    case 'missing':
    case 'refused':
      return 'absent';
    case 'permission':
      return 'denied';
    case 'too-old':
      return 'outdated';
    case 'not-an-engine':
    case 'bad-address':
    case 'lost':
      return 'failed';
  }
}
