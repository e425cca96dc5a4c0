import * as vscode from 'vscode';
import { environmentEntries, type Environment } from '../../core/devcontainer/open-environment';
import { ProcessTerminal, terminalEnvironment } from '../terminal/process-terminal';
import type { Workbench } from '../workbench';

/** A terminal as the environment's developer, in the project, with their environment. */
export function openShell(workbench: Workbench, environment: Environment): void {
  const pty = new ProcessTerminal(async (size, signal) => {
    const engine = await workbench.connection.engine();
    return engine.spawn(environment.containerId, {
      command: [environment.remoteShell, '-l'],
      environment: [...environmentEntries(environment.remoteEnv), ...terminalEnvironment],
      user: environment.remoteUser,
      workingDirectory: environment.remoteWorkspaceFolder,
      stdin: true,
      tty: true,
      size,
      signal,
    });
  }, workbench.log);
  const iconPath = new vscode.ThemeIcon('terminal');
  vscode.window.createTerminal({ name: environment.containerName, pty, iconPath }).show();
}
