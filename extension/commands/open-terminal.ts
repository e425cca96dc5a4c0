import * as vscode from 'vscode';
import { chooseContainers } from '../choose-containers';
import { launchShell } from '../terminal/launch-shell';
import { ProcessTerminal } from '../terminal/process-terminal';
import type { Workbench } from '../workbench';

export async function run(workbench: Workbench, ...args: readonly unknown[]): Promise<void> {
  const containers = await chooseContainers(workbench, args, {
    accepts: (node) => node.state === 'running',
    placeHolder: vscode.l10n.t('Container to open a terminal in'),
    nothing: vscode.l10n.t('No container is running.'),
  });
  for (const { name, summary } of containers ?? []) {
    const pty = new ProcessTerminal(
      launchShell(() => workbench.connection.engine(), summary),
      workbench.log,
    );
    vscode.window.createTerminal({ name, pty, iconPath: new vscode.ThemeIcon('terminal') }).show();
  }
}
