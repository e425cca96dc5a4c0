import * as vscode from 'vscode';
import { showError } from '../show-error';
import type { Workbench } from '../workbench';
import { pendingKey } from './pending-key';

/**
 * Takes links of the form `vscode://berth.berth/open?folder=…`, and opens in its container what a link has opened this
 * window for. Nothing is evaluated before the first link.
 */
export function takeLinks(workbench: Workbench, state: vscode.Memento): vscode.Disposable {
  const attempt = async (during: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      await showError(workbench, during, error);
    }
  };
  const resume = (): Promise<void> =>
    attempt('link', async () => {
      const { resumeOpen } = await import(/* webpackMode: "eager" */ './open-link');
      await resumeOpen(workbench, state);
    });
  const isAwaited = (): boolean => state.get(pendingKey) !== undefined;
  if (isAwaited()) void resume();
  return vscode.Disposable.from(
    vscode.window.registerUriHandler({
      handleUri: (uri) =>
        attempt('link', async () => {
          const { openLink } = await import(/* webpackMode: "eager" */ './open-link');
          await openLink(workbench, state, uri);
        }),
    }),
    // The folder's window may have been there already: then it comes to the front, and is not made anew.
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused && isAwaited()) void resume();
    }),
  );
}
