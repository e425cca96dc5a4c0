import * as vscode from 'vscode';

/** A server of the editor that runs inside an environment. */
export interface InnerEditor {
  /** Loopback address of its workbench, with its token. */
  readonly url: string;
}

/**
 * Gives the user a window inside. One function for each step of the ladder: a resolver, an SSH hand-off, or, as here,
 * the browser editor that is served from inside the container.
 */
export type OpenInner = (inner: InnerEditor) => Promise<void>;

/** Opens the address as it is: parsing it into parts and back would change its query. */
export const openInBrowser: OpenInner = async ({ url }) => {
  await vscode.env.openExternal(vscode.Uri.parse(url, true));
};
