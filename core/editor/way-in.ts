import type { Environment } from '../devcontainer/open-environment';

/**
 * One step of the ladder of ways to get an editor inside an environment, best first:
 *
 * - `window`: a window of the editor that is installed, whose extension takes it from there;
 * - `resolver`: the editor's own window, its bytes through the helper's socket to a server inside (no TCP port);
 * - `ssh`: the editor's SSH extension, with `berth ssh-stdio` as its proxy command;
 * - `browser`: the editor as a web page, served from inside;
 * - `files`: a virtual file system and terminals in the window that is open.
 *
 * Whoever opens an environment asks them in this order and takes the first that is available. What they all rely on is
 * an Environment, and that servers lie at `editorDirectory` inside every container.
 */
export interface WayIn {
  readonly id: 'window' | 'resolver' | 'ssh' | 'browser' | 'files';
  /** Whether it would work here and now, and if not, why not, for people. Changes nothing. */
  available(environment: Environment): Promise<Availability>;
  /** @throws DevContainerError('editor-missing' or 'editor-failed'), the signal's reason */
  open(
    environment: Environment,
    options: { readonly signal?: AbortSignal | undefined },
  ): Promise<OpenedEditor>;
}

export type Availability = { readonly available: true } | { readonly available: false; readonly why: string };

/** What the user's editor or browser has to open. */
export interface OpenedEditor {
  readonly url: string;
}

/** The first way that works, with the reasons why the ones before it do not. */
export async function firstAvailable(
  ways: readonly WayIn[],
  environment: Environment,
): Promise<{ readonly way: WayIn | undefined; readonly reasons: readonly string[] }> {
  const reasons: string[] = [];
  for (const way of ways) {
    const availability = await way.available(environment);
    if (availability.available) return { way, reasons };
    reasons.push(`${way.id}: ${availability.why}`);
  }
  return { way: undefined, reasons };
}
