import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { DevContainerError } from '../devcontainer/error';
import { messageOf } from '../error';
import { extensionId, openUri } from './open-uri';
import type { Availability, WayIn } from './way-in';

/** An editor's command and the scheme of the addresses that it takes. */
interface KnownEditor {
  readonly command: string;
  readonly name: string;
  readonly scheme: string;
}

/** In the order in which they are asked. */
const knownEditors: readonly KnownEditor[] = [
  { command: 'codium', name: 'VSCodium', scheme: 'vscodium' },
  { command: 'code', name: 'Visual Studio Code', scheme: 'vscode' },
  { command: 'code-oss', name: 'Code - OSS', scheme: 'code-oss' },
  { command: 'code-insiders', name: 'Visual Studio Code Insiders', scheme: 'vscode-insiders' },
];

export interface InstalledEditor extends KnownEditor {
  /** The executable. */
  readonly path: string;
}

/** The machine as far as it decides about an editor's window. */
export interface Desktop {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Editors do not start for root. */
  readonly root: boolean;
  /** Told when an editor is about to be asked to open its window. */
  readonly report?: (editor: InstalledEditor) => void;
}

/** An editor that does not answer holds nothing up for longer. */
const answerLimit = 15_000;

/** After this long a command that still runs is the editor itself. */
const handOverLimit = 5_000;

const run = promisify(execFile);

/** The first editor on the PATH that has the extension; undefined where there is none. */
export async function findInstalledEditor(
  environment: Desktop['environment'],
): Promise<InstalledEditor | undefined> {
  for (const known of knownEditors) {
    const path = await executable(environment, known.command);
    if (path !== undefined && (await hasExtension(path, environment))) return { ...known, path };
  }
  return undefined;
}

/** The window of an editor on this desktop as a step of the ladder: its extension does the rest. */
export function windowWayIn(desktop: Desktop): WayIn {
  let found: Promise<InstalledEditor | undefined> | undefined;
  const find = (): Promise<InstalledEditor | undefined> =>
    (found ??= findInstalledEditor(desktop.environment));
  return {
    id: 'window',
    available: async (): Promise<Availability> => {
      const obstacle = obstacleOf(desktop);
      if (obstacle !== undefined) return { available: false, why: obstacle };
      if ((await find()) !== undefined) return { available: true };
      const commands = knownEditors.map(({ command }) => command).join(', ');
      return { available: false, why: `no editor with Berth's extension is on the PATH (${commands})` };
    },
    open: async ({ localFolder }, { signal }) => {
      const editor = await find();
      if (editor === undefined) throw failed('The editor is not there any more', undefined);
      desktop.report?.(editor);
      const url = openUri(editor.scheme, localFolder);
      await handOver(editor, url, desktop.environment, signal);
      return { url };
    },
  };
}

/**
 * The command gives the address to the editor's own process and ends; one that is the editor itself, and stays, is left
 * alone.
 */
async function handOver(
  { path, name }: InstalledEditor,
  url: string,
  environment: Desktop['environment'],
  signal: AbortSignal | undefined,
): Promise<void> {
  const child = spawn(path, ['--open-url', url], {
    env: { ...environment },
    // It may outlive this process, and then must not write to its terminal.
    stdio: 'ignore',
    detached: true,
    signal,
  });
  const patience = AbortSignal.timeout(handOverLimit);
  try {
    const [code, killedBy] = (await once(child, 'exit', { signal: patience })) as [
      number | null,
      string | null,
    ];
    if (code === 0) return;
    throw failed(
      `${name} could not be asked to open the folder`,
      `${path} --open-url ended with ${killedBy ?? `exit code ${code ?? '?'}`}.`,
    );
  } catch (error) {
    if (error instanceof DevContainerError || signal?.aborted === true) throw error;
    if (!patience.aborted)
      throw failed(`${name} could not be asked to open the folder`, messageOf(error), error);
    child.unref();
  }
}

function obstacleOf({ environment, root }: Desktop): string | undefined {
  if (root) return 'editors refuse to run as root';
  if (!environment['DISPLAY'] && !environment['WAYLAND_DISPLAY']) return 'there is no desktop here';
  // There `code` talks to a window of another machine, which has no folder of this one.
  if (environment['VSCODE_IPC_HOOK_CLI']) return "this terminal is a remote window's";
  return undefined;
}

async function executable(environment: Desktop['environment'], command: string): Promise<string | undefined> {
  // A relative entry would find a program in the project that is being opened.
  const directories = (environment['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  for (const directory of directories) {
    const path = join(directory, command);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return undefined;
}

/** An editor that fails or does not answer in time cannot be used, which is all that matters here. */
async function hasExtension(path: string, environment: Desktop['environment']): Promise<boolean> {
  const listed = await run(path, ['--list-extensions'], {
    env: { ...environment },
    timeout: answerLimit,
  }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return listed.split(/\r?\n/).some((line) => line.trim().toLowerCase() === extensionId);
}

const failed = (what: string, why: string | undefined, cause?: unknown): DevContainerError =>
  new DevContainerError(
    'editor-failed',
    what,
    why,
    'The browser editor works without it: berth up --editor=browser',
    { cause },
  );
