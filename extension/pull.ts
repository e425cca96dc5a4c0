import * as vscode from 'vscode';
import { cancellable, type Step } from './cancellable';
import { PullSummary } from './pull-summary';
import type { Workbench } from './workbench';

/** Pulls with progress in a notification; Cancel ends the download. */
export async function pullWithProgress(workbench: Workbench, reference: string): Promise<void> {
  await cancellable(vscode.l10n.t('Pulling {0}', reference), (step) => pull(workbench, reference, step));
}

async function pull(workbench: Workbench, reference: string, step: Step): Promise<void> {
  const engine = await workbench.connection.engine();
  const summary = new PullSummary();
  await engine.images.pull(reference, {
    signal: step.signal,
    onProgress: (line) => {
      summary.take(line);
      step.say(summary.text());
      step.reach(summary.percent());
      if (line.id === undefined && line.status !== undefined) workbench.log.info(line.status);
    },
  });
}
