/** A container's output and input as streams: what it wrote (logs) and what it writes (attach). */
import { Readable } from 'node:stream';
import type { AttachRequest, AttachStream, LogRequest } from '../api/services';
import { EngineError } from '../error';
import { hasCode } from '../warden/warden-error';
import type { Container } from './container';
import { readLog } from './container-log';
import type { LogSource } from './container-log';
import { DeferredStream } from './deferred-stream';
import { DetachKeys } from './detach-keys';

/** Before its start the client waits in line and loses nothing. @throws EngineError 409 for a paused container */
export async function attachTo(
  container: Container,
  request: AttachRequest,
  directory: string,
): Promise<AttachStream> {
  const { config } = container.record;
  const tty = config.Tty === true;
  if (container.state.status === 'paused')
    throw new EngineError(
      409,
      'paused',
      `container ${container.id} is paused, unpause the container before attach`,
    );
  const stdin = request.stdin && config.OpenStdin === true;
  const outer = new DeferredStream(tty && stdin ? new DetachKeys(request.detachKeys) : undefined);
  if (request.logs) await replay(container, request, outer, directory);
  if (request.stream)
    await follow(container, { stdin, stdout: request.stdout, stderr: request.stderr }, outer);
  else outer.join(undefined);
  return { tty, stream: outer };
}

async function follow(
  container: Container,
  streams: { stdin: boolean; stdout: boolean; stderr: boolean },
  outer: DeferredStream,
): Promise<void> {
  const { starting } = container;
  // Those who wait in line are joined at one moment of the start; who comes later waits for its end.
  if (starting !== undefined) await starting.catch(() => undefined);
  if (container.state.status !== 'running') {
    if (starting !== undefined) {
      outer.join(undefined);
      return;
    }
    const pending = { stream: outer, streams };
    container.pendingAttaches.add(pending);
    outer.once('close', () => container.pendingAttaches.delete(pending));
    return;
  }
  try {
    outer.join(await container.monitor.attach(streams, container.record.config.Tty === true));
  } catch (error) {
    // It ended at this moment: there is no more output.
    if (!hasCode(error, 'ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE')) throw error;
    outer.join(undefined);
  }
}

async function replay(
  container: Container,
  request: AttachRequest,
  outer: DeferredStream,
  directory: string,
): Promise<void> {
  const past: LogRequest = {
    stdout: request.stdout,
    stderr: request.stderr,
    follow: false,
    timestamps: false,
    tail: 'all',
    since: 0,
    until: undefined,
    signal: new AbortController().signal,
  };
  for await (const chunk of readLog(logSource(container, directory), past)) outer.push(chunk);
}

/** @throws EngineError 400 when no stream is chosen, 501 for a container without a log */
export function containerLogs(
  container: Container,
  request: LogRequest,
  directory: string,
): { tty: boolean; stream: Readable } {
  if (!request.stdout && !request.stderr)
    throw new EngineError(400, 'bad-parameter', 'Bad parameters: you must choose at least one stream');
  if (container.record.hostConfig.LogConfig?.Type === 'none')
    throw new EngineError(501, 'no-log', 'configured logging driver does not support reading');
  const source = logSource(container, directory);
  return { tty: source.tty, stream: Readable.from(readLog(source, request), { objectMode: false }) };
}

function logSource(container: Container, directory: string): LogSource {
  return {
    directory,
    tty: container.record.config.Tty === true,
    alive: () => container.alive || container.starting !== undefined,
    exit: (signal) => container.waitFor('exit', signal),
  };
}
