/**
 * The editor as a developer has it: code-server run by the unprivileged user `dev`, with our package installed, and
 * everything of theirs in a temporary home. Root's cache of editors is not theirs to read, so they get hard links.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dev, ensureDeveloper } from '../../harness/user';
import { run } from '../../harness/run';
import { serve, type Served } from './served';

export interface EditorServer {
  readonly node: string;
  readonly editorRoot: string;
  /** code-server's own script. */
  readonly codeServer: string;
}

export interface OutsideEditor {
  readonly url: string;
  /** dev's home; projects go beneath it. */
  readonly home: string;
  output(): string;
  stop(): Promise<void>;
}

/** Hard links where the file system is the same, else a copy. */
function provide(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  try {
    execFileSync('cp', ['-al', source, target], { stdio: 'pipe' });
  } catch {
    rmSync(target, { recursive: true, force: true });
    execFileSync('cp', ['-a', source, target]);
  }
}

export async function startOutsideEditor(options: {
  readonly editor: EditorServer;
  readonly vsix: string;
  readonly berthHost: string;
  /** User settings beside the usual ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
}): Promise<OutsideEditor> {
  ensureDeveloper();
  const home = mkdtempSync('/tmp/berth-dev-');
  let served: Served | undefined;
  const stop = async () => {
    await served?.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    chmodSync(home, 0o755);
    const cache = join(home, '.cache', 'berth');
    provide(options.editor.editorRoot, join(cache, 'editor'));
    const installation = dirname(dirname(dirname(dirname(dirname(options.editor.codeServer)))));
    provide(installation, join(cache, 'code-server'));
    provide(options.vsix, join(home, 'berth.vsix'));
    for (const path of [home, join(home, '.cache'), cache]) chownSync(path, dev.uid, dev.gid);
    const data = join(home, 'd');
    mkdirSync(join(data, 'User'), { recursive: true });
    writeFileSync(join(data, 'User', 'settings.json'), JSON.stringify({ ...settings, ...options.settings }));
    execFileSync('chown', ['-R', `${dev.uid}:${dev.gid}`, data]);
    const argv = [
      options.editor.node.replace(options.editor.editorRoot, join(cache, 'editor')),
      options.editor.codeServer.replace(installation, join(cache, 'code-server')),
      '--user-data-dir',
      data,
      '--extensions-dir',
      join(home, 'x'),
    ];
    const env = {
      PATH: `${dirname(argv[0]!)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: home,
      USER: dev.name,
      LANG: 'C.UTF-8',
      SHELL: '/bin/bash',
      BERTH_HOST: options.berthHost,
    };
    const installed = await run([...argv, '--install-extension', join(home, 'berth.vsix')], {
      env,
      cwd: home,
      uid: dev.uid,
      gid: dev.gid,
    });
    if (installed.code !== 0)
      throw new Error(`cannot install the package:\n${installed.stdout}${installed.stderr}`);
    if (!existsSync(join(home, 'x')))
      throw new Error(`nothing was installed:\n${installed.stdout}${installed.stderr}`);
    const flags = [
      '--auth',
      'none',
      '--bind-addr',
      '127.0.0.1:0',
      '--disable-telemetry',
      '--disable-update-check',
    ];
    served = await serve({
      argv: [...argv, ...flags],
      env,
      cwd: home,
      identity: dev,
      listening: /HTTP server listening on (http:\/\/\S+?)\/?\s/,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const started = served;
  return { url: started.where, home, output: () => started.output(), stop };
}

const settings = {
  'workbench.startupEditor': 'none',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'terminal.integrated.shellIntegration.enabled': false,
  'terminal.integrated.gpuAcceleration': 'off',
  'workbench.colorTheme': 'Default Dark Modern',
};
