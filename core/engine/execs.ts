import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import * as wire from '../../protocol/docker';
import { isRaw, type Abortable } from './containers';
import type { EngineHttp } from './http';
import { splitOutput, type AttachedStream } from './stdcopy';

export interface ExecOptions extends Abortable {
  readonly command: readonly string[];
  /** `NAME=value` */
  readonly environment?: readonly string[];
  readonly user?: string | undefined;
  readonly workingDirectory?: string | undefined;
  readonly privileged?: boolean;
}

export interface RunOptions extends ExecOptions {
  /** Written to the process, then closed; none: stdin is not open. */
  readonly stdin?: string | Buffer | Readable;
}

export interface SpawnOptions extends ExecOptions {
  /** Open stdin. */
  readonly stdin?: boolean;
  readonly tty?: boolean;
  /** With a tty. */
  readonly size?: { readonly rows: number; readonly columns: number } | undefined;
  readonly detachKeys?: string | undefined;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A process inside a container, with its streams. With a tty everything comes on `stdout`. */
export interface RunningExec {
  readonly id: string;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles after the output has ended. Both outputs must be read (or resumed) for it to settle. */
  readonly exitCode: Promise<number>;
  resize(size: { readonly rows: number; readonly columns: number }): Promise<void>;
}

/** Further processes in a running container. */
export class Execs {
  constructor(private readonly http: EngineHttp) {}

  create(container: string, body: wire.ExecCreate, options: Abortable = {}): Promise<{ Id: string }> {
    return this.http.json(z.object({ Id: z.string() }), {
      method: 'POST',
      path: `/containers/${encodeURIComponent(container)}/exec`,
      body,
      signal: options.signal,
    });
  }

  /** Starts it with its streams joined to the caller. */
  async start(id: string, body: wire.ExecStart = {}, options: Abortable = {}): Promise<AttachedStream> {
    const { stream, contentType } = await this.http.upgrade({
      method: 'POST',
      path: `/exec/${encodeURIComponent(id)}/start`,
      body: { Tty: false, ...body, Detach: false },
      signal: options.signal,
    });
    return { tty: isRaw(contentType), stream };
  }

  async startDetached(id: string, options: Abortable = {}): Promise<void> {
    await this.http.done({
      method: 'POST',
      path: `/exec/${encodeURIComponent(id)}/start`,
      body: { Detach: true, Tty: false },
      signal: options.signal,
    });
  }

  async resize(id: string, size: { rows: number; columns: number }, options: Abortable = {}): Promise<void> {
    await this.http.done({
      method: 'POST',
      path: `/exec/${encodeURIComponent(id)}/resize`,
      query: { h: size.rows, w: size.columns },
      signal: options.signal,
    });
  }

  inspect(id: string, options: Abortable = {}): Promise<wire.ExecInspect> {
    return this.http.json(wire.execInspect, {
      method: 'GET',
      path: `/exec/${encodeURIComponent(id)}/json`,
      signal: options.signal,
    });
  }

  /** A process whose streams the caller handles. An aborted signal closes the streams; the process then gets SIGHUP or EPIPE. */
  async spawn(container: string, options: SpawnOptions): Promise<RunningExec> {
    const { signal, size } = options;
    const tty = options.tty ?? false;
    const consoleSize: { ConsoleSize?: [number, number] } =
      size === undefined ? {} : { ConsoleSize: [size.rows, size.columns] };
    const { Id: id } = await this.create(
      container,
      {
        AttachStdin: options.stdin ?? false,
        AttachStdout: true,
        AttachStderr: true,
        Tty: tty,
        Cmd: [...options.command],
        ...(options.environment === undefined ? {} : { Env: [...options.environment] }),
        ...(options.user === undefined ? {} : { User: options.user }),
        ...(options.workingDirectory === undefined ? {} : { WorkingDir: options.workingDirectory }),
        ...(options.privileged === undefined ? {} : { Privileged: options.privileged }),
        ...(options.detachKeys === undefined ? {} : { DetachKeys: options.detachKeys }),
        ...consoleSize,
      },
      { signal },
    );
    const attached = await this.start(id, { Tty: tty, ...consoleSize }, { signal });
    if (options.stdin !== true) attached.stream.end();
    const { stdout, stderr } = splitOutput(attached);
    const ended = new Promise<void>((resolve, reject) => {
      stdout.once('end', resolve);
      stdout.once('error', reject);
    });
    const exitCode = ended.then(async () => (await this.inspect(id, { signal })).ExitCode ?? -1);
    // Whoever reads the streams sees the same error there; without this a caller that never asks for the code would crash.
    exitCode.catch(() => undefined);
    return { id, stdin: attached.stream, stdout, stderr, exitCode, resize: (to) => this.resize(id, to) };
  }

  /** Runs a command to its end and collects what it wrote (as UTF-8). A non-zero exit code is a result, not an error. */
  async run(container: string, options: RunOptions): Promise<ExecResult> {
    const { stdin, ...rest } = options;
    const process = await this.spawn(container, { ...rest, stdin: stdin !== undefined });
    const fed =
      stdin === undefined
        ? Promise.resolve()
        : pipeline(stdin instanceof Readable ? stdin : Readable.from([stdin]), process.stdin).catch(
            (error: unknown) => {
              // A command that does not read its input to the end is no failure (`head`).
              if (!(
                error instanceof Error &&
                'code' in error &&
                (error.code === 'EPIPE' ||
                  error.code === 'ECONNRESET' ||
                  error.code === 'ERR_STREAM_PREMATURE_CLOSE')
              ))
                throw error;
            },
          );
    const [stdout, stderr, exitCode] = await Promise.all([
      text(process.stdout),
      text(process.stderr),
      process.exitCode,
      fed,
    ]);
    return { stdout, stderr, exitCode };
  }
}
