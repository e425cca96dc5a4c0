import * as vscode from 'vscode';
import { cancellable } from '../cancellable';
import { chooseContainers } from '../choose-containers';
import type { Workbench } from '../workbench';

export async function run(workbench: Workbench, ...args: readonly unknown[]): Promise<void> {
  const containers = await chooseContainers(workbench, args, {
    accepts: () => true,
    placeHolder: vscode.l10n.t('Container to remove'),
    nothing: vscode.l10n.t('There is no container.'),
  });
  if (containers === undefined) return;
  const remove = vscode.l10n.t('Remove');
  const names = containers.map(({ name }) => name).join(', ');
  const running = containers.some(({ state }) => state === 'running' || state === 'paused');
  const chosen = await vscode.window.showWarningMessage(
    containers.length === 1
      ? vscode.l10n.t('Remove the container {0}?', names)
      : vscode.l10n.t('Remove {0} containers?', containers.length),
    {
      modal: true,
      detail: [
        ...(containers.length === 1 ? [] : [names]),
        ...(running ? [vscode.l10n.t('What runs in it is killed.')] : []),
        vscode.l10n.t(
          'What was written inside it is lost, except in volumes and in folders of this machine.',
        ),
      ].join('\n\n'),
    },
    remove,
  );
  if (chosen !== remove) return;
  const engine = await workbench.connection.engine();
  await cancellable(vscode.l10n.t('Removing'), async (step) => {
    for (const { id, name } of containers) {
      step.say(name);
      await engine.containers.remove(id, { force: true, signal: step.signal });
    }
  });
}
