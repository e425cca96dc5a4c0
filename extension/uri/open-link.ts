import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { folderOf } from '../../core/editor/open-uri';
import { BerthError, messageOf } from '../../core/error';
import { openFolder } from '../environment/open-folder';
import type { Workbench } from '../workbench';
import { rememberOpen, takeOpen } from './pending-open';

/**
 * Opens the folder of a link in its container. Anyone can make a link, so the folder is first opened in a window of its
 * own, where the editor asks whether its authors are trusted.
 * @throws BerthError for a link that names no folder of this machine
 */
export async function openLink(workbench: Workbench, state: vscode.Memento, uri: vscode.Uri): Promise<void> {
  const folder = folderOf(uri);
  await requireFolder(folder);
  if (localFolders().includes(folder)) {
    await openFolder(workbench, folder);
    return;
  }
  await rememberOpen(state, folder);
  workbench.log.info(`a link opens ${folder} in a window`);
  // What the user has open in this window stays.
  const occupied = (vscode.workspace.workspaceFolders ?? []).length > 0;
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), {
    forceNewWindow: occupied,
  });
}

/** Goes on with a link that has opened this window, once, and not before its folder is trusted. */
export async function resumeOpen(workbench: Workbench, state: vscode.Memento): Promise<void> {
  const folder = await takeOpen(state, localFolders());
  if (folder === undefined) return;
  if (!vscode.workspace.isTrusted) {
    workbench.log.info(`${folder} is opened in its container when it is trusted`);
    await new Promise<void>((resolve) => {
      const granted = vscode.workspace.onDidGrantWorkspaceTrust(() => {
        granted.dispose();
        resolve();
      });
    });
  }
  await openFolder(workbench, folder);
}

const localFolders = (): string[] =>
  (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => uri.fsPath);

async function requireFolder(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw unusable(messageOf(error), error);
  });
  if (!found.isDirectory()) throw unusable(vscode.l10n.t('{0} is not a folder.', path));
}

const unusable = (why: string, cause?: unknown): BerthError =>
  new BerthError(
    vscode.l10n.t('The link cannot be opened'),
    why,
    vscode.l10n.t('Use “Berth: Open Folder in Container…” to choose a folder.'),
    { cause },
  );
