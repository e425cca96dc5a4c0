import type { Workbench } from '../workbench';

export function run(workbench: Workbench): Promise<void> {
  workbench.log.show(true);
  return Promise.resolve();
}
