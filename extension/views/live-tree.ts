import * as vscode from 'vscode';
import type { EngineClient } from '../../core/engine/client';
import { isAbort } from '../../core/error';
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
  ) {}

  async getChildren(parent?: N): Promise<N[]> {
    if (parent !== undefined) return [];
    try {
      const nodes = await this.list(await this.connection.engine());
      this.connection.report(undefined);
      return nodes;
    } catch (error) {
      if (isAbort(error)) return [];
      this.connection.report(error);
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
