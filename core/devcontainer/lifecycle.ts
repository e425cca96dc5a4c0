import type { EngineClient } from '../engine/client';
import { isAbort, messageOf } from '../error';
import type { LifecycleCommand, Stage } from './configuration';
import { stages } from './configuration';
import { LifecycleError } from './error';
import { LastLines } from './last-lines';
import type { MergedConfiguration } from './metadata';
import type { Report, Steps } from './progress';
import { dataFolder, markerFile } from './remote-user';
import type { RemoteUser } from './remote-user';
import { runInside } from './run-inside';
import { commandLine, namedCommands } from './run-on-host';

export interface LifecycleContext {
  readonly engine: EngineClient;
  readonly container: string;
  readonly containerName: string;
  /** As the engine tells them: they go into the marker files, byte for byte. */
  readonly createdAt: string;
  readonly startedAt: string;
  readonly user: RemoteUser;
  readonly folder: string;
  /** `NAME=value` */
  readonly environment: readonly string[];
  readonly steps: Steps;
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs the commands of a container's life that are due, in order: onCreate, updateContent and postCreate once for a
 * container, postStart once for a start, postAttach always. The reference CLI's marker files say what has been done;
 * unlike there a stage is marked only when it has succeeded, so that a failed one comes again.
 */
export class Lifecycle {
  #unwritten: Stage[] = [];

  constructor(
    private readonly context: LifecycleContext,
    private readonly merged: MergedConfiguration,
  ) {}

  /** Up to and including `last`; undefined = none. Throws LifecycleError for the first that fails. */
  async runThrough(last: Stage | undefined): Promise<void> {
    await this.#run(stages.slice(0, last === undefined ? 0 : stages.indexOf(last) + 1));
  }

  /** The stages after `last`. */
  async runAfter(last: Stage | undefined): Promise<void> {
    await this.#run(stages.slice(last === undefined ? 0 : stages.indexOf(last) + 1));
  }

  async #run(due: readonly Stage[]): Promise<void> {
    try {
      for (const stage of due) {
        if (this.#isDone(stage)) continue;
        const commands = this.merged[`${stage}s`].filter(
          (command) => namedCommands(stage, command).length > 0,
        );
        if (commands.length > 0) {
          await this.context.steps.run(stage, async () => {
            for (const command of commands) await this.#runCommand(stage, command);
          });
        }
        if (stage !== 'postAttachCommand') this.#unwritten.push(stage);
      }
    } finally {
      await this.#writeMarkers();
    }
  }

  #isDone(stage: Stage): boolean {
    return stage !== 'postAttachCommand' && this.context.user.markers[stage] === this.#stamp(stage);
  }

  #stamp(stage: Stage): string {
    return stage === 'postStartCommand' ? this.context.startedAt : this.context.createdAt;
  }

  /** The parts of an object run side by side; all are waited for, then the first failure counts. */
  async #runCommand(stage: Stage, command: LifecycleCommand): Promise<void> {
    const outcomes = await Promise.allSettled(
      namedCommands(stage, command).map(([name, words]) => this.#runWords(name, commandLine(words))),
    );
    this.context.signal?.throwIfAborted();
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async #runWords(stage: string, command: readonly string[]): Promise<void> {
    const { engine, container, containerName, user, folder, environment, report, signal } = this.context;
    const last = new LastLines();
    const output = (text: string): void => {
      last.add(text);
      report({ kind: 'output', stage, text });
    };
    const next = `The container keeps running, so that you can look around in it: berth exec -it ${containerName} sh
Correct the command and open the project again: it will be tried again.`;
    let exitCode: number;
    try {
      exitCode = await runInside(
        engine,
        container,
        { command, user: user.name, folder, environment },
        output,
        signal,
      );
    } catch (error) {
      if (isAbort(error) || signal?.aborted === true) throw error;
      throw new LifecycleError(stage, undefined, [...last.get(), messageOf(error)], container, next, {
        cause: error,
      });
    }
    if (exitCode !== 0) throw new LifecycleError(stage, exitCode, last.get(), container, next);
  }

  /** All that have been done since the last time, in one command. A home that cannot be written to means that they come again. */
  async #writeMarkers(): Promise<void> {
    if (this.#unwritten.length === 0) return;
    const { engine, container, user, report } = this.context;
    const written = this.#unwritten;
    this.#unwritten = [];
    const folder = `${user.home}/${dataFolder}`;
    const assignments = written.flatMap((stage) => [markerFile(stage), this.#stamp(stage)]);
    const script =
      '[ -d "$0" ] || mkdir -p "$0" || exit 1; while [ $# -gt 0 ]; do printf "%s\\n" "$2" >"$0/$1" || exit 1; shift 2; done';
    const failure = await engine
      .exec(container, { command: ['/bin/sh', '-c', script, folder, ...assignments], user: user.name })
      .then(
        ({ exitCode, stderr }) => (exitCode === 0 ? undefined : stderr.trim()),
        (error: unknown) => messageOf(error),
      );
    if (failure === undefined) return;
    report({
      kind: 'notice',
      text: `${folder} cannot be written to (${failure}), so ${written.join(', ')} will run again next time.`,
    });
  }
}
