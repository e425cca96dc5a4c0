import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import * as vscode from 'vscode';
import { BerthError } from '../../core/error';
import { startCommand } from '../helper/start-command';
import type { Workbench } from '../workbench';

/** Puts the exact command into a terminal and lets the user run it: it asks for the administrator's password there. */
export async function run(workbench: Workbench): Promise<void> {
  const bundled = join(workbench.extensionPath, 'dist');
  if (!existsSync(join(bundled, 'bin', 'berthd'))) {
    throw new BerthError(
      vscode.l10n.t('This installation of Berth has no helper for this machine'),
      vscode.l10n.t('There is no {0}.', join(bundled, 'bin', 'berthd')),
      vscode.l10n.t('Install the package for your platform, or run “npm run build” in a checkout.'),
    );
  }
  const socket = await workbench.connection.socketPath();
  const command = startCommand(
    { bundled, version: workbench.version, socket },
    { uid: process.getuid?.() ?? -1, has: isThere },
  );
  const terminal = vscode.window.createTerminal({
    name: vscode.l10n.t('Berth helper'),
    message: vscode.l10n.t(
      'This installs the helper under /opt/berth and starts it as root. Read it, then press Enter:',
    ),
    iconPath: new vscode.ThemeIcon('rocket'),
    shellPath: '/bin/sh',
  });
  terminal.show();
  terminal.sendText(command, false);
  workbench.log.info(`to start the helper: ${command}`);
  // The views' subscription keeps trying; this makes it try as soon as the terminal is done with.
  const closed = vscode.window.onDidCloseTerminal((ended) => {
    if (ended !== terminal) return;
    closed.dispose();
    workbench.refresh();
  });
  workbench.refresh();
}

function isThere(program: 'sudo' | 'pkexec' | 'systemd'): boolean {
  if (program === 'systemd') return existsSync('/run/systemd/system');
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
