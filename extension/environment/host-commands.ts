import { createHash } from 'node:crypto';
import { basename, sep } from 'node:path';
import * as vscode from 'vscode';
import type { Workbench } from '../workbench';

/** A configuration runs commands and mounts folders: that of an untrusted workspace is not used. False when the user does not trust it. */
export async function requireTrust(folder: string): Promise<boolean> {
  const here = (vscode.workspace.workspaceFolders ?? []).some(
    ({ uri }) => folder === uri.fsPath || folder.startsWith(uri.fsPath + sep),
  );
  if (!here || vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'The workspace is not trusted, so its dev container configuration is not used. Trust it first, if you trust who wrote it.',
    ),
    manage,
  );
  if (chosen === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  return false;
}

/** Shows what an `initializeCommand` would run on this machine, and asks; a yes counts until the text changes. */
export async function askBeforeHostCommand(
  workbench: Workbench,
  folder: string,
  commands: string,
): Promise<boolean> {
  const key = `agreed:${createHash('sha256').update(`${folder}\0${commands}`).digest('hex')}`;
  if (workbench.workspaceState.get<boolean>(key) === true) return true;
  const run = vscode.l10n.t('Run on This Machine');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} wants to run a command on this machine, outside of any container.', basename(folder)),
    { modal: true, detail: commands },
    run,
  );
  if (chosen !== run) return false;
  await workbench.workspaceState.update(key, true);
  return true;
}
