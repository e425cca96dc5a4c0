import * as vscode from 'vscode';
import { EngineRequestError } from '../../core/error';
import { cancellable } from '../cancellable';
import { chooseImageName, imagesFromArguments } from '../choose-image';
import { pullWithProgress } from '../pull';
import { launchContainer } from '../terminal/launch-container';
import { ProcessTerminal } from '../terminal/process-terminal';
import type { Workbench } from '../workbench';

type Way = 'terminal-once' | 'terminal' | 'background';

/** Makes a container of an image and starts it, in a terminal or in the background; pulls the image when it is not here. */
export async function run(workbench: Workbench, ...args: readonly unknown[]): Promise<void> {
  const given = typeof args[0] === 'string' ? args[0] : imagesFromArguments(args)[0]?.reference;
  const image = given ?? (await chooseImageName(workbench, vscode.l10n.t('Run Image')));
  if (image === undefined) return;
  const way = await chooseWay(image);
  if (way === undefined) return;
  await ensureImage(workbench, image);
  if (way === 'background') await runInBackground(workbench, image);
  else {
    const engine = () => workbench.connection.engine();
    const launch = launchContainer(
      engine,
      { image, removeAfterwards: way === 'terminal-once' },
      workbench.log,
    );
    const pty = new ProcessTerminal(launch, workbench.log);
    vscode.window.createTerminal({ name: image, pty, iconPath: new vscode.ThemeIcon('vm-running') }).show();
  }
}

async function chooseWay(image: string): Promise<Way | undefined> {
  const ways: readonly (vscode.QuickPickItem & { readonly way: Way })[] = [
    {
      way: 'terminal-once',
      label: `$(terminal) ${vscode.l10n.t('In a terminal, removed when it ends')}`,
    },
    {
      way: 'terminal',
      label: `$(terminal) ${vscode.l10n.t('In a terminal')}`,
      detail: vscode.l10n.t('The container stays when it ends.'),
    },
    { way: 'background', label: `$(server-process) ${vscode.l10n.t('In the background')}` },
  ];
  return (await vscode.window.showQuickPick(ways, { title: vscode.l10n.t('Run {0}', image) }))?.way;
}

async function ensureImage(workbench: Workbench, image: string): Promise<void> {
  const engine = await workbench.connection.engine();
  try {
    await engine.images.inspect(image);
  } catch (error) {
    if (!(error instanceof EngineRequestError) || error.status !== 404) throw error;
    await pullWithProgress(workbench, image);
  }
}

async function runInBackground(workbench: Workbench, image: string): Promise<void> {
  const { containers } = await workbench.connection.engine();
  await cancellable(vscode.l10n.t('Starting {0}', image), async ({ signal }) => {
    const { Id: id } = await containers.create({ Image: image }, { signal });
    try {
      await containers.start(id, { signal });
    } catch (error) {
      await containers.remove(id, { force: true });
      throw error;
    }
  });
}
