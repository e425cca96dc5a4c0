/** Execs: what `docker exec` makes, starts and asks about. They live as long as this process; their processes need it no longer than that. */
import { randomBytes } from 'node:crypto';
import type { ExecCreate, ExecInspect, ExecStart } from '../../protocol/docker';
import type { AttachStream, Caller } from '../api/services';
import { EngineError } from '../error';
import { judgeExec } from '../policy/policy';
import { execFlag } from '../warden/monitor';
import { allCapabilities, capabilityMask } from './capabilities';
import type { Container } from './container';
import { DeferredStream } from './deferred-stream';
import { DetachKeys } from './detach-keys';
import type { Lifecycle } from './lifecycle';
import { capabilitiesFor, hasNoNewPrivileges } from './plan-compiler';
import type { ContainerRegistry } from './registry';
import { execFailure } from './start-failure';

const keptPerContainer = 256;
const stderrStream = 2;

interface Exec {
  readonly id: string;
  readonly container: Container;
  readonly body: ExecCreate;
  started: boolean;
  running: boolean;
  exitCode: number | null;
  pid: number;
  pendingSize: readonly [number, number] | undefined;
}

export class ExecRegistry {
  private readonly execs = new Map<string, Exec>();

  constructor(
    private readonly registry: ContainerRegistry,
    private readonly lifecycle: Lifecycle,
  ) {}

  create(caller: Caller, reference: string, body: ExecCreate): { Id: string } {
    const container = this.registry.find(caller, reference);
    judgeExec(caller, body);
    requireRunning(container);
    if ((body.Cmd ?? []).length === 0) throw new EngineError(400, 'no-command', 'No exec command specified');
    const id = randomBytes(32).toString('hex');
    this.forgetOldest(container);
    this.execs.set(id, {
      id,
      container,
      body,
      started: false,
      running: false,
      exitCode: null,
      pid: 0,
      pendingSize: undefined,
    });
    container.execIds.add(id);
    this.emit(caller, id, `exec_create: ${(body.Cmd ?? []).join(' ')}`);
    return { Id: id };
  }

  async start(caller: Caller, execId: string, request: ExecStart): Promise<AttachStream | 'detached'> {
    const exec = this.find(caller, execId);
    judgeExec(caller, exec.body);
    if (exec.started) throw new EngineError(409, 'exec-started', `exec command ${execId} has already run`);
    requireRunning(exec.container);
    exec.started = true;
    const detach = request.Detach === true;
    const tty = exec.body.Tty === true;
    const keys = tty && exec.body.AttachStdin === true ? new DetachKeys(exec.body.DetachKeys) : undefined;
    const outer = new DeferredStream(keys);
    const command = exec.body.Cmd?.[0] ?? '';
    try {
      await this.launch(caller, exec, request, detach, outer);
    } catch (error) {
      const failure = execFailure(error, command);
      exec.exitCode = failure.exitCode;
      this.emit(caller, execId, 'exec_die', { exitCode: String(failure.exitCode) });
      if (detach) throw new EngineError(400, 'exec-failed', failure.text, { cause: error });
      outer.push(message(failure.text, tty));
      outer.join(undefined);
    }
    if (detach) {
      outer.resume();
      return 'detached';
    }
    return { tty, stream: outer };
  }

  private async launch(
    caller: Caller,
    exec: Exec,
    request: ExecStart,
    detach: boolean,
    outer: DeferredStream,
  ): Promise<void> {
    const { body, container } = exec;
    const { hostConfig: host } = container.record;
    const [height, width] = exec.pendingSize ?? request.ConsoleSize ?? body.ConsoleSize ?? [0, 0];
    const tty = body.Tty === true;
    const stdin = body.AttachStdin === true && !detach;
    const flags =
      (tty ? execFlag.tty : 0) |
      (stdin ? execFlag.stdin : 0) |
      (body.Privileged === true ? execFlag.privileged : 0) |
      (hasNoNewPrivileges(host) ? execFlag.noNewPrivileges : 0);
    const { pid, stream } = await container.monitor.exec(
      {
        execId: exec.id,
        flags,
        args: body.Cmd ?? [],
        env: [...(tty ? ['TERM=xterm'] : []), ...(body.Env ?? [])],
        cwd: body.WorkingDir ?? '',
        user: body.User ?? '',
        height,
        width,
        capabilities: capabilityMask(body.Privileged === true ? allCapabilities : capabilitiesFor(host)),
      },
      (exitCode) => {
        exec.exitCode = exitCode;
        exec.running = false;
        this.emit(caller, exec.id, 'exec_die', { exitCode: String(exitCode) });
      },
    );
    exec.running = true;
    exec.pid = pid;
    stream.once('close', () => {
      exec.running = false;
    });
    this.emit(caller, exec.id, `exec_start: ${(body.Cmd ?? []).join(' ')}`);
    if (exec.pendingSize !== undefined) await container.monitor.execResize(exec.id, height, width);
    outer.join(stream);
  }

  /** Before the start it is remembered. */
  async resize(caller: Caller, execId: string, height: number, width: number): Promise<void> {
    const exec = this.find(caller, execId);
    exec.pendingSize = [height, width];
    if (exec.running) await exec.container.monitor.execResize(execId, height, width);
  }

  inspect(caller: Caller, execId: string): ExecInspect {
    const exec = this.find(caller, execId);
    const { body } = exec;
    const [entrypoint = '', ...args] = body.Cmd ?? [];
    return {
      ID: exec.id,
      ContainerID: exec.container.id,
      Running: exec.running,
      ExitCode: exec.exitCode,
      OpenStdin: body.AttachStdin ?? false,
      OpenStdout: body.AttachStdout ?? false,
      OpenStderr: body.AttachStderr ?? false,
      CanRemove: false,
      DetachKeys: '',
      Pid: exec.pid,
      ProcessConfig: {
        entrypoint,
        arguments: args,
        tty: body.Tty ?? false,
        user: body.User ?? '',
        privileged: body.Privileged ?? false,
      },
    };
  }

  forget(container: Container): void {
    for (const id of container.execIds) this.execs.delete(id);
    container.execIds.clear();
  }

  /** @throws EngineError 404 also for what belongs to another user's container */
  private find(caller: Caller, execId: string): Exec {
    const exec = this.execs.get(execId);
    const visible =
      exec !== undefined && !exec.container.removed && this.registry.visible(caller).includes(exec.container);
    if (!visible) throw new EngineError(404, 'no-such-exec', `No such exec instance: ${execId}`);
    return exec;
  }

  private forgetOldest(container: Container): void {
    if (container.execIds.size < keptPerContainer) return;
    const oldest = [...container.execIds].find((id) => this.execs.get(id)?.running !== true);
    if (oldest === undefined)
      throw new EngineError(
        409,
        'too-many-execs',
        `container ${container.record.name} already runs ${keptPerContainer} execs: wait until one ends`,
      );
    container.execIds.delete(oldest);
    this.execs.delete(oldest);
  }

  private emit(
    caller: Caller,
    execId: string,
    action: string,
    attributes: Readonly<Record<string, string>> = {},
  ): void {
    const exec = this.find(caller, execId);
    this.lifecycle.emit(exec.container, action, { execID: execId, ...attributes });
  }
}

function requireRunning(container: Container): void {
  if (container.state.status === 'paused')
    throw new EngineError(
      409,
      'paused',
      `Container ${container.id} is paused, unpause the container before exec`,
    );
  container.requireAlive();
}

function message(text: string, tty: boolean): Buffer {
  const line = Buffer.from(`${text}\r\n`);
  if (tty) return line;
  const header = Buffer.alloc(8);
  header.writeUInt8(stderrStream, 0);
  header.writeUInt32BE(line.length, 4);
  return Buffer.concat([header, line]);
}
