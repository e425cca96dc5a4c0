import * as vscode from 'vscode';
import { commandTable, type CommandId } from './command-table';
import { Connection } from './connection';
import { openInBrowser } from './environment/open-inner';
import { LiveUpdates } from './live-updates';
import { runCommand } from './run-command';
import { takeLinks } from './uri/links';
import { createViews } from './views/create-views';
import type { Workbench } from './workbench';

/**
 * Registers everything and does nothing else: no connection, no file is read. The first visible view or the first
 * command connects, and a link that has opened this window.
 */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Berth', { log: true });
  const connection = new Connection(log);
  const views = createViews(connection);
  const live = new LiveUpdates(connection, log, (changed) => views.refresh(changed));
  const workbench: Workbench = {
    log,
    connection,
    extensionPath: context.extensionPath,
    version: String((context.extension.packageJSON as { version: unknown }).version),
    workspaceState: context.workspaceState,
    openInner: openInBrowser,
    refresh: () => {
      live.retryNow();
      views.refresh(new Set(['container', 'image']));
    },
  };
  for (const id of Object.keys(commandTable) as CommandId[]) {
    context.subscriptions.push(
      vscode.commands.registerCommand(id, (...args: unknown[]) => runCommand(workbench, id, args)),
    );
  }
  context.subscriptions.push(
    takeLinks(workbench, context.globalState),
    views.onDidChangeVisibility((visible) => live.setVisible(visible)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration('berth.host')) return;
      connection.reset();
      workbench.refresh();
    }),
    live,
    views,
    connection,
    log,
  );
}
