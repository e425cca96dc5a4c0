import { BerthError } from '../error';

export type DevContainerProblem =
  | 'no-configuration'
  | 'several-configurations'
  | 'bad-syntax'
  | 'bad-property'
  | 'bad-variable'
  | 'not-yet'
  | 'bad-run-argument'
  | 'bad-mount'
  | 'not-trusted'
  | 'initialize-failed'
  | 'command-failed'
  | 'container-exited'
  | 'no-shell'
  | 'no-user'
  | 'no-environment'
  | 'editor-missing'
  | 'editor-failed';

/** What can be wrong with a dev container, from its file to its commands. */
export class DevContainerError extends BerthError {
  constructor(
    readonly problem: DevContainerProblem,
    what: string,
    why: string | undefined,
    next: string | undefined,
    options?: ErrorOptions,
  ) {
    super(what, why, next, options);
    this.name = 'DevContainerError';
  }
}

/** A lifecycle command that ended badly. Its container keeps running, so that one can look around in it. */
export class LifecycleError extends DevContainerError {
  /**
   * @param stage the property, e.g. `postCreateCommand`, with the entry's name if it is an object: `postCreateCommand.server`
   * @param exitCode undefined when it could not be started
   * @param lastLines the end of its output
   * @param containerId where it ran; undefined for `initializeCommand`, which runs on this machine
   */
  constructor(
    readonly stage: string,
    readonly exitCode: number | undefined,
    readonly lastLines: readonly string[],
    readonly containerId: string | undefined,
    next: string,
    options?: ErrorOptions,
  ) {
    const end = exitCode === undefined ? 'could not be started' : `ended with exit code ${exitCode}`;
    super(
      stage.startsWith('initializeCommand') ? 'initialize-failed' : 'command-failed',
      `${stage} ${end}`,
      lastLines.length === 0
        ? 'It printed nothing.'
        : `The last of its output:\n${lastLines.map((line) => `  ${line}`).join('\n')}`,
      next,
      options,
    );
    this.name = 'LifecycleError';
  }
}
