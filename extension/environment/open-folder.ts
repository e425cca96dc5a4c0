import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Environment } from '../../core/devcontainer/open-environment';
import type { EngineClient } from '../../core/engine/client';
import { isAbort } from '../../core/error';
import { cancellable, type Step } from '../cancellable';
import { showError } from '../show-error';
import type { Workbench } from '../workbench';
import { ensureConfiguration } from './ensure-configuration';
import { askBeforeHostCommand, requireTrust } from './host-commands';
import { openShell } from './open-shell';
import { tellProgress } from './tell-progress';

export interface OpenFolderOptions {
  /** Makes the container anew, from the configuration as it is now. */
  readonly recreate?: boolean;
}

/**
 * Opens a folder in a container made from its configuration, and a window of the editor inside. Where the editor cannot
 * run inside (an image without glibc), a terminal is opened instead, beside the error that says why.
 */
export async function openFolder(
  workbench: Workbench,
  folder: string,
  options: OpenFolderOptions = {},
): Promise<void> {
  if (!(await requireTrust(folder))) return;
  const configFile = await ensureConfiguration(workbench, folder);
  if (configFile === undefined) return;
  const engine = await workbench.connection.engine();
  await cancellable(vscode.l10n.t('Opening {0} in a container', basename(folder)), async (step) => {
    const environment = await open(workbench, engine, { folder, configFile, ...options }, step);
    watchRemaining(workbench, environment);
    await openWindow(workbench, engine, environment, step);
    void offerRecreate(workbench, environment);
  });
}

async function open(
  workbench: Workbench,
  engine: EngineClient,
  request: OpenFolderOptions & { readonly folder: string; readonly configFile: string },
  step: Step,
): Promise<Environment> {
  const [{ openEnvironment }, { editorCache }] = await Promise.all([
    import(/* webpackMode: "eager" */ '../../core/devcontainer/open-environment'),
    import(/* webpackMode: "eager" */ '../../core/editor/server-cache'),
  ]);
  return openEnvironment(engine, {
    ...request,
    localEnv: process.env,
    editorCache: editorCache(process.env),
    mayRunOnHost: (commands) => askBeforeHostCommand(workbench, request.folder, commands),
    report: tellProgress(workbench.log, step),
    signal: step.signal,
  });
}

async function openWindow(
  workbench: Workbench,
  engine: EngineClient,
  environment: Environment,
  step: Step,
): Promise<void> {
  step.say(vscode.l10n.t('starting the editor inside'));
  const { startInnerEditor } = await import(/* webpackMode: "eager" */ '../../core/editor/inner-editor');
  try {
    const inner = await startInnerEditor(engine, environment, { signal: step.signal });
    workbench.log.info(`an editor listens inside ${environment.containerName}, port ${inner.port}`);
    await workbench.openInner(inner);
  } catch (error) {
    if (isAbort(error)) throw error;
    openShell(workbench, environment);
    throw error;
  }
}

/** Lifecycle commands that the window did not wait for may still fail; that is worth a message, later. */
function watchRemaining(workbench: Workbench, { remaining }: Environment): void {
  remaining.catch((error: unknown) => showError(workbench, 'lifecycle', error));
}

async function offerRecreate(workbench: Workbench, { localFolder, changed }: Environment): Promise<void> {
  if (changed.length === 0) return;
  const recreate = vscode.l10n.t('Recreate Container');
  const text = vscode.l10n.t(
    'The configuration has changed since the container was made: {0}.',
    changed.join(', '),
  );
  if ((await vscode.window.showInformationMessage(text, recreate)) !== recreate) return;
  try {
    await openFolder(workbench, localFolder, { recreate: true });
  } catch (error) {
    await showError(workbench, 'recreate', error);
  }
}
