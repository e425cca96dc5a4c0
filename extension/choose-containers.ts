import * as vscode from 'vscode';
import { listContainers } from './views/list-containers';
import { isNode, type ContainerNode } from './views/node';
import type { Workbench } from './workbench';

export interface Choice {
  /** Which containers the command can do something with. */
  readonly accepts: (node: ContainerNode) => boolean;
  readonly placeHolder: string;
  /** Said when there is none. */
  readonly nothing: string;
}

/**
 * The containers that a command is meant for: those selected in a view, else the one clicked, else what the user picks.
 * Undefined when the user leaves the picker.
 */
export async function chooseContainers(
  workbench: Workbench,
  args: readonly unknown[],
  choice: Choice,
  many = true,
): Promise<readonly ContainerNode[] | undefined> {
  const given = fromArguments(args);
  if (given.length > 0) {
    const fitting = given.filter(choice.accepts);
    if (fitting.length > 0) return many ? fitting : fitting.slice(0, 1);
  }
  const engine = await workbench.connection.engine();
  const fitting = (await listContainers(engine)).filter(choice.accepts);
  if (fitting.length === 0) {
    void vscode.window.showInformationMessage(choice.nothing);
    return undefined;
  }
  const items = fitting.map((node) => ({
    label: node.name,
    description: `${node.summary.Image} · ${node.summary.Status}`,
    node,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: choice.placeHolder,
    matchOnDescription: true,
  });
  return picked === undefined ? undefined : [picked.node];
}

function fromArguments(args: readonly unknown[]): readonly ContainerNode[] {
  const [clicked, selection] = args;
  const rows = Array.isArray(selection) && selection.length > 0 ? (selection as unknown[]) : [clicked];
  return rows.filter(isNode).flatMap((row) => {
    if (row.kind === 'container') return [row];
    return row.kind === 'environment' && row.container !== undefined ? [row.container] : [];
  });
}
