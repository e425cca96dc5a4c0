import { messageOf, BerthError } from '../../core/error';
import { LifecycleError } from '../../core/devcontainer/error';
import { openEnvironment } from '../../core/devcontainer/open-environment';
import type { Environment } from '../../core/devcontainer/open-environment';
import { editorCache } from '../../core/editor/server-cache';
import { command } from '../command';
import type { CommandContext } from '../command';
import { text, toggle, toggleOr } from '../command-line/flag';
import { askTrust } from '../environment/ask-trust';
import { openEditor } from '../environment/open-editor';
import { ProgressView } from '../environment/progress-view';
import { openShell } from '../environment/shell';
import { outcome, summary } from '../environment/summary';
import { programName } from '../program-name';

export const up = command({
  usage: '[OPTIONS] [PATH]',
  details:
    'PATH is the folder (default: this one). The container is made the first time, and started or found after that;\n' +
    'its lifecycle commands run when they are due. With --editor, an installed VS Code or VSCodium with the\n' +
    'extension opens its window; where there is none, the browser editor is used. With --json nothing is opened:\n' +
    'the address of the browser editor is printed.',
  flags: {
    config: text('path', 'The devcontainer.json to use, if the folder has several'),
    editor: toggleOr(['browser'], 'Open an editor window inside (--editor=browser: in the browser)'),
    json: toggle('Print one JSON object about the outcome'),
    rebuild: toggle('The same as --recreate'),
    recreate: toggle('Remove the container and make a new one'),
    shell: toggle('Then start a shell inside'),
    trust: toggle('Let the project run its initializeCommand on this machine'),
  },
  count: { max: 1 },
  interspersed: true,
  async run(context, { flags, positional }) {
    const view = new ProgressView(context.err);
    try {
      const environment = await openEnvironment(context.client, {
        folder: positional[0] ?? '.',
        configFile: flags.config,
        localEnv: context.environment,
        mayRunOnHost: (commands) => flags.trust || askTrust(context, commands),
        recreate: flags.recreate || flags.rebuild,
        editorCache: editorCache(context.environment),
        // An editor can be used from `waitFor` on; a shell and a summary come when everything is ready.
        waitForAll: flags.editor === false,
        report: view.report,
        signal: context.signal,
      });
      tellDrift(context, environment);
      const url =
        flags.editor === false ? undefined : await openEditor(context, environment, view.report, flags);
      await environment.remaining;
      if (flags.json) context.out.write(`${JSON.stringify(outcome(environment, url))}\n`);
      else context.out.write(summary(environment, url, programName(context.environment)));
      if (!flags.shell) return 0;
      context.takeSignals();
      return await openShell(context, environment);
    } catch (error) {
      if (!flags.json) throw error;
      context.out.write(`${JSON.stringify(failure(error))}\n`);
      return 1;
    }
  },
});

function tellDrift(context: CommandContext, { changed }: Environment): void {
  if (changed.length === 0) return;
  context.err.write(
    `! The configuration has changed since the container was made (${changed.join(', ')}); "${programName(context.environment)} up --recreate" would use it.\n`,
  );
}

function failure(error: unknown): Record<string, unknown> {
  const known = error instanceof BerthError ? error : undefined;
  return {
    outcome: 'error',
    message: messageOf(error),
    ...(known?.why === undefined ? {} : { description: known.why }),
    ...(known?.next === undefined ? {} : { next: known.next }),
    ...(error instanceof LifecycleError
      ? { command: error.stage, exitCode: error.exitCode, containerId: error.containerId }
      : {}),
  };
}
