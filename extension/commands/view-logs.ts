import * as vscode from 'vscode';
import { chooseContainers } from '../choose-containers';
import { LogTerminal } from '../terminal/log-terminal';
import type { Workbench } from '../workbench';

export async function run(workbench: Workbench, ...args: readonly unknown[]): Promise<void> {
  const containers = await chooseContainers(workbench, args, {
    accepts: () => true,
    placeHolder: vscode.l10n.t('Container whose log to show'),
    nothing: vscode.l10n.t('There is no container.'),
  });
  for (const { id, name } of containers ?? []) {
    const pty = new LogTerminal(() => workbench.connection.engine(), id, workbench.log);
    const iconPath = new vscode.ThemeIcon('output');
    vscode.window.createTerminal({ name: vscode.l10n.t('Log: {0}', name), pty, iconPath }).show();
  }
}
