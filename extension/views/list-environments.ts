import * as vscode from 'vscode';
import { findConfigurations } from '../../core/devcontainer/discover';
import { localFolderLabel } from '../../core/devcontainer/labels';
import type { EngineClient } from '../../core/engine/client';
import { listContainers } from './list-containers';
import type { ContainerNode, EnvironmentNode } from './node';

/** Projects with a dev container: the folders of this window first, also those whose container is still to be made. */
export async function listEnvironments(engine: EngineClient): Promise<EnvironmentNode[]> {
  const byFolder = new Map<string, ContainerNode>();
  for (const container of await listContainers(engine)) {
    const folder = container.summary.Labels[localFolderLabel];
    if (folder !== undefined && !byFolder.has(folder)) byFolder.set(folder, container);
  }
  const here: EnvironmentNode[] = [];
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    if (uri.scheme !== 'file') continue;
    const container = byFolder.get(uri.fsPath);
    if (container === undefined && (await findConfigurations(uri.fsPath)).length === 0) continue;
    here.push({ kind: 'environment', folder: uri.fsPath, here: true, container });
    byFolder.delete(uri.fsPath);
  }
  const others = [...byFolder].map(([folder, container]): EnvironmentNode => ({
    kind: 'environment',
    folder,
    here: false,
    container,
  }));
  return [...here, ...others.sort((a, b) => a.folder.localeCompare(b.folder))];
}
