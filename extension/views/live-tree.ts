import * as vscode from 'vscode';
import type { EngineClient } from '../../core/engine/client';
import { EngineUnavailableError, isAbort, messageOf } from '../../core/error';
import type { Connection } from '../connection';
import type { Node } from './node';

/** A flat view of what one question to the helper answers. When it does not answer, the view is empty and its welcome text says why. */
export class LiveTree<N extends Node> implements vscode.TreeDataProvider<N>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(
    private readonly connection: Connection,
    private readonly list: (engine: EngineClient) => Promise<N[]>,
    readonly getTreeItem: (node: N) => vscode.TreeItem,
    /** Shows a sentence above the rows; undefined takes it away. */
    private readonly say: (message: string | undefined) => void,
  ) {}

  async getChildren(parent?: N): Promise<N[]> {
    if (parent !== undefined) return [];
    try {
      const nodes = await this.list(await this.connection.engine());
      this.connection.report(undefined);
      this.say(undefined);
      return nodes;
    } catch (error) {
      if (isAbort(error)) return [];
      this.connection.report(error);
      // Whoever cannot be reached is told of by the welcome text; anything else would look like an empty list.
      this.say(
        error instanceof EngineUnavailableError && error.reason !== 'too-old' ? undefined : messageOf(error),
      );
      return [];
    }
  }

  /** `reveal` wants to know; the views have one level. */
  getParent(): undefined {
    return undefined;
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
