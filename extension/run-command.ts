import { commandTable, type CommandId } from './command-table';
import { showError } from './show-error';
import type { Workbench } from './workbench';

/** The one place that catches what a command throws; cancelling is no failure and says nothing. */
export async function runCommand(
  workbench: Workbench,
  id: CommandId,
  args: readonly unknown[],
): Promise<void> {
  try {
    const command = await commandTable[id]();
    await command.run(workbench, ...args);
  } catch (error) {
    await showError(workbench, id, error);
  }
}
