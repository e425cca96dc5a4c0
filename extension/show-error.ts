import * as vscode from 'vscode';
import { BerthError, EngineUnavailableError, isAbort, messageOf } from '../core/error';
import { redact } from './redact';
import type { Workbench } from './workbench';

/**
 * Tells the user what happened, why and what next, with one button. The whole error, with its causes, goes to the log.
 * Resolves when the message has been answered or closed.
 */
export async function showError(workbench: Workbench, during: string, error: unknown): Promise<void> {
  if (isAbort(error) || error instanceof vscode.CancellationError) {
    workbench.log.info(`${during}: cancelled`);
    return;
  }
  workbench.log.error(redact(`${during}: ${describe(error)}`));
  const unavailable = error instanceof EngineUnavailableError ? error.reason : undefined;
  if (unavailable !== undefined) workbench.connection.report(error);
  const startable = unavailable === 'missing' || unavailable === 'refused' || unavailable === 'too-old';
  const button = startable ? vscode.l10n.t('Install or Start the Helper') : vscode.l10n.t('Show Log');
  const chosen = await vscode.window.showErrorMessage(redact(sentence(error)), button);
  if (chosen === button)
    await vscode.commands.executeCommand(startable ? 'berth.startHelper' : 'berth.showLog');
}

/** What, why and next as one paragraph: a notification shows no line breaks. */
function sentence(error: unknown): string {
  const parts = error instanceof BerthError ? [error.what, error.why, error.next] : [messageOf(error)];
  return parts
    .filter((part): part is string => part !== undefined && part !== '')
    .map((part) => (/[.!?…]$/.test(part.trim()) ? part.trim() : `${part.trim()}.`))
    .join(' ');
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text =
    error instanceof BerthError ? `${error.explain()}\n${error.stack ?? ''}` : (error.stack ?? error.message);
  return error.cause === undefined ? text : `${text}\ncaused by: ${describe(error.cause)}`;
}
