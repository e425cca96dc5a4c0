import * as vscode from 'vscode';
import type * as wire from '../../protocol/docker';
import { escapeMarkdown } from './markdown';
import type { ContainerNode } from './node';

const icons: Readonly<Record<string, string>> = {
  running: 'vm-running',
  paused: 'debug-pause',
  restarting: 'sync',
  created: 'vm-outline',
  exited: 'vm',
  dead: 'error',
  removing: 'trash',
};

export function containerIcon(state: string): vscode.ThemeIcon {
  const colour = state === 'running' ? new vscode.ThemeColor('charts.green') : undefined;
  return new vscode.ThemeIcon(icons[state] ?? 'vm', colour);
}

export function presentContainer(node: ContainerNode): vscode.TreeItem {
  const { summary } = node;
  const item = new vscode.TreeItem(node.name);
  item.id = `container:${node.id}`;
  item.description = `${summary.Image} · ${summary.Status}`;
  item.iconPath = containerIcon(node.state);
  item.contextValue = `berth.container.${node.state}`;
  item.accessibilityInformation = {
    label: vscode.l10n.t('Container {0}, image {1}, {2}', node.name, summary.Image, summary.Status),
  };
  item.tooltip = containerTooltip(node);
  return item;
}

export function containerTooltip({ name, summary }: ContainerNode): vscode.MarkdownString {
  const rows: readonly (readonly [string, string])[] = [
    [vscode.l10n.t('Image'), summary.Image],
    [vscode.l10n.t('State'), summary.Status],
    [vscode.l10n.t('Command'), summary.Command],
    [vscode.l10n.t('Ports'), summary.Ports.map(portText).join(', ')],
    [vscode.l10n.t('Id'), summary.Id.slice(0, 12)],
  ];
  const lines = rows
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `| ${key} | ${escapeMarkdown(value)} |`);
  return new vscode.MarkdownString(`**${escapeMarkdown(name)}**\n\n| | |\n|---|---|\n${lines.join('\n')}`);
}

function portText(port: wire.ContainerSummary['Ports'][number]): string {
  const inside = `${port.PrivatePort}/${port.Type}`;
  return port.PublicPort === undefined ? inside : `${port.IP ?? ''}:${port.PublicPort} → ${inside}`;
}
