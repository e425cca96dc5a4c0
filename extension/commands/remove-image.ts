import * as vscode from 'vscode';
import { cancellable } from '../cancellable';
import { imagesFromArguments } from '../choose-image';
import { listImages } from '../views/list-images';
import type { ImageNode } from '../views/node';
import type { Workbench } from '../workbench';

export async function run(workbench: Workbench, ...args: readonly unknown[]): Promise<void> {
  const given = imagesFromArguments(args);
  const images = given.length > 0 ? given : await pick(workbench);
  if (images.length === 0) return;
  const remove = vscode.l10n.t('Remove');
  const names = images.map(({ reference }) => reference).join(', ');
  const detail = vscode.l10n.t('Layers that other images use stay. It can be pulled again.');
  if (
    (await vscode.window.showWarningMessage(
      vscode.l10n.t('Remove {0}?', names),
      { modal: true, detail },
      remove,
    )) !== remove
  )
    return;
  const engine = await workbench.connection.engine();
  await cancellable(vscode.l10n.t('Removing'), async (step) => {
    for (const { reference } of images) {
      step.say(reference);
      await engine.images.remove(reference, { signal: step.signal });
    }
  });
}

async function pick(workbench: Workbench): Promise<readonly ImageNode[]> {
  const images = await listImages(await workbench.connection.engine());
  const items = images.map((node) => ({ label: node.reference, node }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Image to remove') });
  return picked === undefined ? [] : [picked.node];
}
