import type { Environment } from '../../core/devcontainer/open-environment';
import type { Report } from '../../core/devcontainer/progress';
import { browserWayIn } from '../../core/editor/inner-editor';
import { windowWayIn } from '../../core/editor/installed-editor';
import { firstAvailable } from '../../core/editor/way-in';
import type { CommandContext } from '../command';
import { openBrowser } from './open-browser';

/**
 * Opens an editor inside the environment, by the best way that there is; resolves with its address. For programs
 * (`json`) the browser editor is started and nothing is opened.
 */
export async function openEditor(
  context: CommandContext,
  environment: Environment,
  report: Report,
  wish: { readonly editor: boolean | 'browser'; readonly json: boolean },
): Promise<string> {
  const window = windowWayIn({
    environment: context.environment,
    root: process.getuid?.() === 0,
    report: ({ name, path }) =>
      report({ kind: 'notice', text: `${name} (${path}) is asked to open ${environment.localFolder}.` }),
  });
  const { way, reasons } =
    wish.editor === 'browser' || wish.json
      ? { way: undefined, reasons: [] }
      : await firstAvailable([window], environment);
  if (way !== undefined) return (await way.open(environment, context)).url;
  for (const reason of reasons) report({ kind: 'notice', text: `The browser editor is used (${reason}).` });
  const { url } = await browserWayIn(context.client).open(environment, context);
  if (!wish.json) await openBrowser(context, url);
  return url;
}
