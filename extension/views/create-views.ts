import * as vscode from 'vscode';
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
  const environments = new LiveTree(connection, listEnvironments, presentEnvironment);
  const containers = new LiveTree(connection, listContainers, presentContainer);
  const images = new LiveTree(connection, listImages, presentImage);
  const create = <N extends Node>(id: string, treeDataProvider: LiveTree<N>) =>
    vscode.window.createTreeView(id, { treeDataProvider, canSelectMany: true, showCollapseAll: false });
  const trees = [
    create('berth.environments', environments),
    create('berth.containers', containers),
    create('berth.images', images),
  ] as const;
  const visibility = new vscode.EventEmitter<boolean>();
  const tell = () => visibility.fire(trees.some((tree) => tree.visible));
  const subscriptions = [
    ...trees.map((tree) => tree.onDidChangeVisibility(tell)),
    vscode.workspace.onDidChangeWorkspaceFolders(() => environments.refresh()),
  ];
  return {
    onDidChangeVisibility: visibility.event,
    refresh: (changed) => {
      if (changed.has('container')) {
        environments.refresh();
        containers.refresh();
      }
      if (changed.has('image')) images.refresh();
    },
    dispose: () => {
      for (const part of [...subscriptions, ...trees, environments, containers, images, visibility])
        part.dispose();
    },
  };
}
