import * as vscode from 'vscode';

export interface Step {
  /** Shown beside the title until the next one. */
  say(message: string): void;
  /** Percent, only ever growing. */
  reach(percent: number): void;
  /** Aborted by the user's Cancel. */
  readonly signal: AbortSignal;
}

/** Runs a long job with progress in a notification; its Cancel aborts the signal, and with it the job's requests. */
export async function cancellable<T>(title: string, job: (step: Step) => Promise<T>): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => controller.abort());
    let reached = 0;
    try {
      return await job({
        say: (message) => progress.report({ message }),
        reach: (percent) => {
          if (percent <= reached) return;
          progress.report({ increment: percent - reached });
          reached = percent;
        },
        signal: controller.signal,
      });
    } finally {
      subscription.dispose();
    }
  });
}
