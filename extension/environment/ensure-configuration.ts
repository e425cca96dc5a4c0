import { basename } from 'node:path';
import * as vscode from 'vscode';
import { findConfigurations } from '../../core/devcontainer/discover';
import { chooseImageName } from '../choose-image';
import type { Workbench } from '../workbench';

/**
 * The configuration that a folder's environment is made from: its only one, the one the user chooses among several, or
 * a small one that is written after the user has picked an image and agreed. Undefined when the user leaves.
 */
export async function ensureConfiguration(workbench: Workbench, folder: string): Promise<string | undefined> {
  const found = await findConfigurations(folder);
  if (found.length === 1) return found[0]?.path;
  if (found.length > 1) {
    const picked = await vscode.window.showQuickPick(found, {
      placeHolder: vscode.l10n.t('Configuration to use'),
    });
    return picked?.path;
  }
  const image = await chooseImageName(
    workbench,
    vscode.l10n.t('{0} has no configuration. Which image?', basename(folder)),
  );
  return image === undefined ? undefined : offerConfiguration(folder, image);
}

async function offerConfiguration(folder: string, image: string): Promise<string | undefined> {
  const file = vscode.Uri.joinPath(vscode.Uri.file(folder), '.devcontainer', 'devcontainer.json');
  const text = `${JSON.stringify({ name: basename(folder), image }, undefined, 2)}\n`;
  const write = vscode.l10n.t('Write and Open');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t('Write .devcontainer/devcontainer.json into {0}?', basename(folder)),
    { modal: true, detail: text },
    write,
  );
  if (chosen !== write) return undefined;
  await vscode.workspace.fs.writeFile(file, Buffer.from(text));
  return file.fsPath;
}
