import type { Report } from '../../core/devcontainer/progress';
import type { Step } from '../cancellable';
import type { Log } from '../log';
import { PullSummary } from '../pull-summary';
import { redact } from '../redact';

/** Turns what opening an environment tells into the notification's line and into the log. */
export function tellProgress(log: Log, step: Step): Report {
  const pull = new PullSummary();
  return (event) => {
    switch (event.kind) {
      case 'step': {
        if (event.state === 'started') step.say(event.name);
        const time = event.milliseconds === undefined ? '' : ` (${Math.round(event.milliseconds)} ms)`;
        const detail = event.detail === undefined || event.detail === '' ? '' : `: ${event.detail}`;
        log.info(redact(`${event.name} ${event.state}${detail}${time}`));
        return;
      }
      case 'output':
        for (const line of event.text.trimEnd().split('\n')) log.info(redact(`[${event.stage}] ${line}`));
        return;
      case 'pull':
        pull.take(event.line);
        step.say(pull.text());
        return;
      case 'notice':
        log.warn(redact(event.text));
    }
  };
}
