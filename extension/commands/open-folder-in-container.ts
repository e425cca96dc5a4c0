import * as vscode from 'vscode';
import { openFolder } from '../environment/open-folder';
import type { Workbench } from '../workbench';

export async function run(workbench: Workbench): Promise<void> {
  const here = vscode.workspace.workspaceFolders?.[0]?.uri;
  const picked = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Open Folder in Container'),
    openLabel: vscode.l10n.t('Open in Container'),
    canSelectFolders: true,
    canSelectFiles: false,
    ...(here === undefined ? {} : { defaultUri: here }),
  });
  const folder = picked?.[0];
  if (folder !== undefined) await openFolder(workbench, folder.fsPath);
}
