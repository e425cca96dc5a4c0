import * as vscode from 'vscode';
import { cancellable } from '../cancellable';
import { chooseContainers } from '../choose-containers';
import type { Workbench } from '../workbench';

const startable = new Set(['created', 'exited', 'dead']);

export async function run(workbench: Workbench, ...args: readonly unknown[]): Promise<void> {
  const containers = await chooseContainers(workbench, args, {
    accepts: (node) => startable.has(node.state),
    placeHolder: vscode.l10n.t('Container to start'),
    nothing: vscode.l10n.t('There is no stopped container.'),
  });
  if (containers === undefined) return;
  const engine = await workbench.connection.engine();
  await cancellable(vscode.l10n.t('Starting'), async (step) => {
    for (const { id, name } of containers) {
      step.say(name);
      await engine.containers.start(id, { signal: step.signal });
    }
  });
}
