import * as vscode from 'vscode';
import { cancellable } from '../cancellable';
import { chooseContainers } from '../choose-containers';
import type { Workbench } from '../workbench';

const stoppable = new Set(['running', 'paused', 'restarting']);

export async function run(workbench: Workbench, ...args: readonly unknown[]): Promise<void> {
  const containers = await chooseContainers(workbench, args, {
    accepts: (node) => stoppable.has(node.state),
    placeHolder: vscode.l10n.t('Container to stop'),
    nothing: vscode.l10n.t('No container is running.'),
  });
  if (containers === undefined) return;
  const engine = await workbench.connection.engine();
  await cancellable(vscode.l10n.t('Stopping'), async (step) => {
    step.say(containers.map(({ name }) => name).join(', '));
    // Each may take its ten seconds to end by itself; together they take no longer than one.
    await Promise.all(containers.map(({ id }) => engine.containers.stop(id, { signal: step.signal })));
  });
}
