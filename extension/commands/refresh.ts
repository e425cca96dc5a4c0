import type { Workbench } from '../workbench';

export function run(workbench: Workbench): Promise<void> {
  workbench.refresh();
  return Promise.resolve();
}
