import * as vscode from 'vscode';
import { BerthError } from '../../core/error';
import { openFolder } from '../environment/open-folder';
import { isNode } from '../views/node';
import type { Workbench } from '../workbench';

/** Opens a window inside the environment of a row, or of the folder that this window has open. */
export async function run(workbench: Workbench, ...args: readonly unknown[]): Promise<void> {
  const [clicked] = args;
  if (isNode(clicked) && clicked.kind === 'environment') {
    await openFolder(workbench, clicked.folder);
    return;
  }
  const folder = await chooseFolder();
  if (folder !== undefined) await openFolder(workbench, folder);
}

async function chooseFolder(): Promise<string | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  if (folders.length === 0) {
    throw new BerthError(
      vscode.l10n.t('No folder is open in this window'),
      undefined,
      vscode.l10n.t('Open a folder first, or use “Berth: Open Folder in Container…”.'),
    );
  }
  if (folders.length === 1) return folders[0]?.uri.fsPath;
  const picked = await vscode.window.showWorkspaceFolderPick({
    placeHolder: vscode.l10n.t('Folder to open in a container'),
  });
  return picked?.uri.fsPath;
}
