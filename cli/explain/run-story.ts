import { messageOf } from '../../core/error';
import type { ContainerTrace } from '../../protocol/docker';
import type { CommandContext } from '../command';
import type { Creation } from '../create/create-container';
import { wrap } from '../command-line/usage';
import { programName } from '../program-name';

interface Step {
  readonly name: string;
  readonly detail: string;
  readonly milliseconds: number | undefined;
  /** What happened within it, as the helper timed it. */
  readonly inside?: readonly Step[];
}

/** Steps of the engine's trace that belong to the create request; the others happen at the start. */
const stepsOfCreate = new Set(['create', 'image']);

/** `0.42 ms`, `13 ms`, `1.8 s` */
export function shownTime(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (milliseconds >= 10) return `${milliseconds.toFixed(0)} ms`;
  return `${milliseconds.toFixed(2)} ms`;
}

/** Collects this client's own clock during a run, and tells the whole way of it at the end, the engine's trace in the middle. */
export class RunStory {
  readonly #began = performance.now();
  #creation: Creation | undefined;
  #startedIn: number | undefined;

  constructor(
    private readonly context: CommandContext,
    private readonly image: string,
  ) {}

  created(creation: Creation): void {
    this.#creation = creation;
  }

  started(milliseconds: number): void {
    this.#startedIn = milliseconds;
  }

  /** Prints it to stdout. `exitCode` is undefined for a container that goes on running. */
  async tell(id: string, exitCode: number | undefined): Promise<void> {
    const total = performance.now() - this.#began;
    let trace: ContainerTrace | undefined;
    let missing = '';
    try {
      trace = await this.context.client.containers.trace(id);
    } catch (error) {
      missing = messageOf(error);
    }
    const { out } = this.context;
    out.write(`\nWhat just happened, with the figures of this run:\n\n`);
    const steps = [...this.#before(engineSteps(trace)), ...this.#after(id, exitCode, total)];
    steps.forEach((step, index) => out.write(numbered(step, index + 1)));
    if (missing !== '') out.write(`\nThe helper's own steps are missing: ${missing}\n`);
    const berth = programName(this.context.environment);
    const further = ['run -it berth/base sh', 'ps -a', 'images', 'doctor'];
    out.write(`\nTry next:\n${further.map((words) => `  ${berth} ${words}\n`).join('')}`);
  }

  #before(engine: readonly Step[]): Step[] {
    const { startedAt, client } = this.context;
    const pulledIn = this.#creation?.pulledIn;
    return [
      {
        name: 'client',
        detail: `berth read the command line and looked for the helper: ${client.transport.describe()}.`,
        milliseconds: performance.timeOrigin + this.#began - startedAt,
      },
      pulledIn === undefined
        ? {
            name: 'image store',
            detail: `${this.image} was here already: nothing was downloaded.`,
            milliseconds: undefined,
          }
        : {
            name: 'registry',
            detail: `${this.image} was not here: the helper downloaded its layers, checked each one's digest and unpacked them.`,
            milliseconds: pulledIn,
          },
      {
        name: 'client → helper: create',
        detail:
          'One request over the socket. The helper asked the kernel who called, and its policy allowed it.',
        milliseconds: this.#creation?.createdIn,
        inside: engine.filter((step) => stepsOfCreate.has(step.name)),
      },
      {
        name: 'client → helper: start',
        detail: 'Output was attached and the exit awaited before this request was sent.',
        milliseconds: this.#startedIn,
        inside: engine.filter((step) => !stepsOfCreate.has(step.name)),
      },
    ];
  }

  #after(id: string, exitCode: number | undefined, total: number): Step[] {
    return [
      exitCode === undefined
        ? {
            name: 'running',
            detail: `Container ${id.slice(0, 12)} goes on in the background; its monitor keeps it even when the helper restarts.`,
            milliseconds: undefined,
          }
        : {
            name: 'exit',
            detail: `The process ended with code ${exitCode}; the kernel took back its namespaces, mounts and addresses.`,
            milliseconds: undefined,
          },
      {
        name: 'in all',
        detail: 'From the first request to the last answer, as this client saw it.',
        milliseconds: total,
      },
    ];
  }
}

function engineSteps(trace: ContainerTrace | undefined): Step[] {
  return (trace?.Steps ?? []).map((step) => ({
    name: step.Name,
    detail: step.Detail,
    milliseconds: step.Milliseconds,
  }));
}

const timeOf = (step: Step) => (step.milliseconds === undefined ? '' : shownTime(step.milliseconds));

function numbered(step: Step, number: number): string {
  const head = ` ${number}. ${step.name.padEnd(24)}${timeOf(step).padStart(10)}\n`;
  const within = (step.inside ?? []).map(
    (each) =>
      `      ${each.name.padEnd(12)}${timeOf(each).padStart(8)}  ${wrap(each.detail, 72, ' '.repeat(28))}\n`,
  );
  return `${head}    ${wrap(step.detail, 74, '    ')}\n${within.join('')}`;
}
