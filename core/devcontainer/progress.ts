import type { ProgressLine } from '../../protocol/docker';

/** What opening an environment tells while it goes on. */
export type EnvironmentEvent =
  | {
      readonly kind: 'step';
      /** For people: `Reading .devcontainer/devcontainer.json`, `postCreateCommand`. */
      readonly name: string;
      readonly state: 'started' | 'done' | 'failed';
      /** With `done`, what came of it. */
      readonly detail?: string;
      /** With `done` and `failed`. */
      readonly milliseconds?: number;
    }
  /** Output of a lifecycle command, as it comes; `stage` is the property, with `.name` for an entry of an object. */
  | { readonly kind: 'output'; readonly stage: string; readonly text: string }
  | { readonly kind: 'pull'; readonly line: ProgressLine }
  /** Something that does not stand in the way, but should be known. */
  | { readonly kind: 'notice'; readonly text: string };

export type Report = (event: EnvironmentEvent) => void;

export interface StepTiming {
  readonly name: string;
  readonly milliseconds: number;
}

/** Runs steps, tells of each, and keeps their times. */
export class Steps {
  readonly timings: StepTiming[] = [];

  constructor(private readonly report: Report) {}

  /** @param detail what to say of the result */
  async run<T>(name: string, work: () => Promise<T>, detail?: (result: T) => string): Promise<T> {
    const started = performance.now();
    this.report({ kind: 'step', name, state: 'started' });
    try {
      const result = await work();
      const milliseconds = performance.now() - started;
      this.timings.push({ name, milliseconds });
      this.report({
        kind: 'step',
        name,
        state: 'done',
        milliseconds,
        ...(detail === undefined ? {} : { detail: detail(result) }),
      });
      return result;
    } catch (error) {
      this.report({ kind: 'step', name, state: 'failed', milliseconds: performance.now() - started });
      throw error;
    }
  }
}
