import type * as vscode from 'vscode';
import type { Connection } from './connection';
import type { OpenInner } from './environment/open-inner';

/** What commands and views share; made once by `main.ts` and handed to each of them. */
export interface Workbench {
  readonly log: vscode.LogOutputChannel;
  readonly connection: Connection;
  /** Where the extension is installed: the bundled helper is beneath it. */
  readonly extensionPath: string;
  /** Version of the extension, which is that of the helper in it. */
  readonly version: string;
  /** Remembered for this workspace only. */
  readonly workspaceState: vscode.Memento;
  /** How an environment gets its window: one step of the ladder. */
  readonly openInner: OpenInner;
  /** Asks the helper again for what the views show, at once. */
  refresh(): void;
}
