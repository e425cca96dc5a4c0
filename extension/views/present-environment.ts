import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { EnvironmentNode } from './node';
import { containerIcon, containerTooltip } from './present-container';

export function presentEnvironment(node: EnvironmentNode): vscode.TreeItem {
  const name = basename(node.folder);
  const state = node.container?.state ?? 'absent';
  const said = node.container?.summary.Status ?? vscode.l10n.t('not created yet');
  const item = new vscode.TreeItem(name);
  item.id = `environment:${node.folder}`;
  item.description = node.here
    ? vscode.l10n.t('this folder · {0}', said)
    : `${said} · ${dirname(node.folder)}`;
  item.iconPath = state === 'absent' ? new vscode.ThemeIcon('circle-outline') : containerIcon(state);
  item.contextValue = `berth.environment.${state}${node.here ? '.here' : ''}`;
  item.accessibilityInformation = {
    label: vscode.l10n.t('Environment {0}, {1}, {2}', name, said, node.folder),
  };
  item.tooltip = node.container === undefined ? node.folder : containerTooltip(node.container);
  return item;
}
