import * as vscode from 'vscode';
import { imagesFromArguments, typeImageName } from '../choose-image';
import { pullWithProgress } from '../pull';
import type { Workbench } from '../workbench';

/** From a row: pulls those names again. From the palette: asks for a name. A string argument is the name itself. */
export async function run(workbench: Workbench, ...args: readonly unknown[]): Promise<void> {
  const names =
    typeof args[0] === 'string' ? [args[0]] : imagesFromArguments(args).map(({ reference }) => reference);
  if (names.length === 0) {
    const typed = await typeImageName(vscode.l10n.t('Pull Image'));
    if (typed === undefined) return;
    names.push(typed);
  }
  for (const name of names) {
    await pullWithProgress(workbench, name);
    void vscode.window.showInformationMessage(vscode.l10n.t('The image {0} is here.', name));
  }
}
