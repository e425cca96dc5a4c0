import type { Workbench } from '../workbench';
export async function openFolder(_workbench: Workbench, _folder: string): Promise<void> {}
