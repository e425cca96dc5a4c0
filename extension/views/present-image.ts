import * as vscode from 'vscode';
import { byteText } from '../byte-text';
import { escapeMarkdown } from './markdown';
import type { ImageNode } from './node';

export function presentImage({ id, reference, summary }: ImageNode): vscode.TreeItem {
  const size = byteText(summary.Size);
  const item = new vscode.TreeItem(reference);
  item.id = `image:${id}:${reference}`;
  item.description = size;
  item.iconPath = new vscode.ThemeIcon('layers');
  item.contextValue = 'berth.image';
  item.accessibilityInformation = { label: vscode.l10n.t('Image {0}, {1}', reference, size) };
  const rows = [
    [vscode.l10n.t('Size'), size],
    [vscode.l10n.t('Created'), new Date(summary.Created * 1000).toLocaleString()],
    [vscode.l10n.t('Id'), id.replace(/^sha256:/, '').slice(0, 12)],
    [vscode.l10n.t('Digest'), summary.RepoDigests[0]?.split('@')[1] ?? ''],
  ] as const;
  const lines = rows
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `| ${key} | ${escapeMarkdown(value)} |`);
  item.tooltip = new vscode.MarkdownString(
    `**${escapeMarkdown(reference)}**\n\n| | |\n|---|---|\n${lines.join('\n')}`,
  );
  return item;
}
