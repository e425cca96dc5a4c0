import * as vscode from 'vscode';
import { listImages } from './views/list-images';
import { isNode, type ImageNode } from './views/node';
import type { Workbench } from './workbench';

/** The image rows that a menu was opened on. */
export function imagesFromArguments(args: readonly unknown[]): readonly ImageNode[] {
  const [clicked, selection] = args;
  const rows = Array.isArray(selection) && selection.length > 0 ? (selection as unknown[]) : [clicked];
  return rows.filter(isNode).filter((row) => row.kind === 'image');
}

/** Come with the helper, which takes them in when they are first asked for. */
const embedded = ['berth/base:latest', 'berth/hello:latest'] as const;

/** One of the images that are here, one that comes with Berth, or any name the user types. Undefined when the user leaves. */
export async function chooseImageName(workbench: Workbench, title: string): Promise<string | undefined> {
  const images = await listImages(await workbench.connection.engine());
  const here = images.map(({ reference }) => reference);
  const iconPath = new vscode.ThemeIcon('layers');
  const other = { label: vscode.l10n.t('Another image…'), alwaysShow: true };
  const items: vscode.QuickPickItem[] = [
    ...here.map((label) => ({ label, iconPath })),
    ...embedded
      .filter((label) => !here.includes(label))
      .map((label) => ({ label, iconPath, description: vscode.l10n.t('comes with Berth') })),
    other,
  ];
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t('Image') });
  if (picked === other) return typeImageName(title);
  return picked?.label;
}

export async function typeImageName(title: string, value = ''): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title,
    value,
    prompt: vscode.l10n.t('Name of an image, for example debian:12 or registry.example.com/team/app:1.4'),
    ignoreFocusOut: true,
    validateInput: (text) => (/\s/.test(text.trim()) ? vscode.l10n.t('A name has no spaces.') : undefined),
  });
  const trimmed = name?.trim();
  return trimmed === '' ? undefined : trimmed;
}
