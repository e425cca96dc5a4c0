import * as vscode from 'vscode';
import type { EngineClient } from '../../core/engine/client';
import type { Connection } from '../connection';
import type { Changed } from '../live-updates';
import { listContainers } from './list-containers';
import { listEnvironments } from './list-environments';
import { listImages } from './list-images';
import { LiveTree } from './live-tree';
import type { Node } from './node';
import { presentContainer } from './present-container';
import { presentEnvironment } from './present-environment';
import { presentImage } from './present-image';

export interface Views {
  /** Whether any of the views can be seen now. */
  readonly onDidChangeVisibility: vscode.Event<boolean>;
  refresh(changed: ReadonlySet<Changed>): void;
  dispose(): void;
}

/** The three trees of the activity bar's Berth container. */
export function createViews(connection: Connection): Views {
  const create = <N extends Node>(
    id: string,
    list: (engine: EngineClient) => Promise<N[]>,
    present: (node: N) => vscode.TreeItem,
  ) => {
    const provider: LiveTree<N> = new LiveTree(connection, list, present, (message) => {
      view.message = message ?? '';
    });
    const view = vscode.window.createTreeView(id, { treeDataProvider: provider, canSelectMany: true });
    return { provider, view };
  };
  const environments = create('berth.environments', listEnvironments, presentEnvironment);
  const containers = create('berth.containers', listContainers, presentContainer);
  const images = create('berth.images', listImages, presentImage);
  const trees = [environments, containers, images] as const;
  const visibility = new vscode.EventEmitter<boolean>();
  const tell = () => visibility.fire(trees.some(({ view }) => view.visible));
  const subscriptions = [
    ...trees.map(({ view }) => view.onDidChangeVisibility(tell)),
    vscode.workspace.onDidChangeWorkspaceFolders(() => environments.provider.refresh()),
  ];
  return {
    onDidChangeVisibility: visibility.event,
    refresh: (changed) => {
      if (changed.has('container')) {
        environments.provider.refresh();
        containers.provider.refresh();
      }
      if (changed.has('image')) images.provider.refresh();
    },
    dispose: () => {
      for (const part of [
        ...subscriptions,
        ...trees.flatMap(({ view, provider }) => [view, provider]),
        visibility,
      ])
        part.dispose();
    },
  };
}
