/** Client of a container's monitor: one connection a request (PROTOCOL.md, "Monitor"). */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Reader, Writer } from './codec';
import { MonitorStream } from './monitor-stream';
import { WardenError, readError } from './warden-error';

const request = {
  start: 10,
  attach: 11,
  resize: 12,
  kill: 13,
  watch: 14,
  exec: 15,
  execResize: 16,
  publish: 17,
  unpublish: 18,
  connect: 19,
  processes: 24,
  execKill: 25,
} as const;
const frame = { ok: 0, started: 20, oom: 21, exit: 22 } as const;
const attachBit = { stdin: 1, stdout: 2, stderr: 4 } as const;
export const execFlag = { tty: 1, stdin: 2, privileged: 4, noNewPrivileges: 8 } as const;
const stateNames = ['created', 'running', 'exited'] as const;
const maxFrame = 1 << 20;

export interface ExitStatus {
  readonly exitCode: number;
  readonly signal: number;
  readonly oomKilled: boolean;
  readonly finishedAtNs: bigint;
}

export interface Watcher {
  started(): void;
  oom(): void;
  exited(status: ExitStatus): void;
  /** The connection ended without an exit status: the monitor is gone. */
  lost(): void;
}

export interface Watch {
  /** At this moment. */
  readonly state: (typeof stateNames)[number];
  readonly initPid: number;
  /** Settles when the monitor has ended, or watching was stopped. */
  readonly closed: Promise<void>;
  stop(): void;
}

export interface ExecPlan {
  readonly execId: string;
  readonly flags: number;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
  readonly height: number;
  readonly width: number;
  readonly capabilities: bigint;
}

/** Every method rejects with a WardenError; `ENOENT` and `ECONNREFUSED` mean that the monitor has ended. */
export class Monitor {
  constructor(readonly socketPath: string) {}

  async start(): Promise<void> {
    await this.ask(request.start, new Writer());
  }

  async attach(
    streams: { stdin: boolean; stdout: boolean; stderr: boolean },
    tty: boolean,
  ): Promise<MonitorStream> {
    const bits =
      (streams.stdin ? attachBit.stdin : 0) |
      (streams.stdout ? attachBit.stdout : 0) |
      (streams.stderr ? attachBit.stderr : 0);
    const { socket } = await this.open(request.attach, new Writer().u8(bits));
    return new MonitorStream(socket, { tty, stdin: streams.stdin });
  }

  async resize(height: number, width: number): Promise<void> {
    await this.ask(request.resize, new Writer().u16(height).u16(width));
  }

  async kill(signal: number, all = false): Promise<void> {
    await this.ask(request.kill, new Writer().u32(signal).bool(all));
  }

  /** Tells the watcher what happens from now on. */
  async watch(watcher: Watcher): Promise<Watch> {
    const { socket, reply } = await this.open(request.watch, new Writer());
    const state = stateNames[reply.u8()] ?? 'exited';
    const initPid = reply.u32();
    let told = false;
    const parser = new FrameParser((type, fields) => {
      if (type === frame.started) watcher.started();
      else if (type === frame.oom) watcher.oom();
      else if (type === frame.exit) {
        told = true;
        watcher.exited(readExit(fields));
      }
    });
    socket.on('data', (chunk: Buffer) => {
      parser.take(chunk);
    });
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    // Half-open is for streams; here the monitor's end is the end.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      if (told) return;
      told = true;
      watcher.lost();
    });
    const closed = new Promise<void>((resolve) =>
      socket.once('close', () => {
        resolve();
      }),
    );
    socket.resume();
    const stop = () => {
      told = true;
      socket.destroy();
    };
    return { state, initPid, closed, stop };
  }

  async exec(
    plan: ExecPlan,
    onExit: (exitCode: number) => void,
  ): Promise<{ pid: number; stream: MonitorStream }> {
    const out = new Writer()
      .str(plan.execId)
      .u32(plan.flags)
      .strs(plan.args)
      .strs(plan.env)
      .str(plan.cwd)
      .str(plan.user);
    out.u16(plan.height).u16(plan.width).u64(plan.capabilities);
    const { socket, reply } = await this.open(request.exec, out);
    const pid = reply.u32();
    const stream = new MonitorStream(socket, {
      tty: (plan.flags & execFlag.tty) !== 0,
      stdin: (plan.flags & execFlag.stdin) !== 0,
      onExit,
      outlivesClient: true,
    });
    return { pid, stream };
  }

  async execResize(execId: string, height: number, width: number): Promise<void> {
    await this.ask(request.execResize, new Writer().str(execId).u16(height).u16(width));
  }

  async execKill(execId: string, signal: number): Promise<void> {
    await this.ask(request.execKill, new Writer().str(execId).u32(signal));
  }

  /** @returns the port that is bound on the host */
  async publish(port: {
    protocol: number;
    hostIp: string;
    hostPort: number;
    containerPort: number;
  }): Promise<number> {
    const out = new Writer().u8(port.protocol).str(port.hostIp).u16(port.hostPort).u16(port.containerPort);
    return (await this.ask(request.publish, out)).u16();
  }

  async unpublish(port: { protocol: number; hostIp: string; hostPort: number }): Promise<void> {
    await this.ask(request.unpublish, new Writer().u8(port.protocol).str(port.hostIp).u16(port.hostPort));
  }

  /** @returns the connection itself: raw bytes, half-close kept */
  async connect(target: { port: number } | { path: string }): Promise<Duplex> {
    const out =
      'port' in target
        ? new Writer().u8(0).u16(target.port).str('')
        : new Writer().u8(1).u16(0).str(target.path);
    return (await this.open(request.connect, out)).socket;
  }

  /** @returns the host's ids of the container's processes */
  async processes(): Promise<number[]> {
    const reply = await this.ask(request.processes, new Writer());
    return reply.list(4, () => reply.u32());
  }

  private async ask(type: number, fields: Writer): Promise<Reader> {
    const { socket, reply } = await this.open(type, fields);
    socket.destroy();
    return reply;
  }

  /** Sends the request and reads the reply; what follows it stays in the (paused) socket. */
  private open(type: number, fields: Writer): Promise<{ socket: Socket; reply: Reader }> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path: this.socketPath, allowHalfOpen: true });
      let buffered: Buffer = Buffer.alloc(0);
      const settle = () => {
        socket.off('data', take);
        socket.off('error', fail);
        socket.off('close', closed);
        socket.off('end', closed);
        socket.pause();
      };
      const fail = (error: Error) => {
        settle();
        socket.on('error', () => undefined).destroy();
        const code = 'code' in error ? String(error.code) : 'EIO';
        reject(error instanceof WardenError ? error : new WardenError(code, error.message, 0));
      };
      const closed = () => {
        fail(new WardenError('ECONNRESET', 'The monitor ended before it answered.', 104));
      };
      const take = (chunk: Buffer) => {
        buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
        const length = buffered.length >= 4 ? buffered.readUInt32LE(0) : undefined;
        if (length === undefined || (buffered.length < 4 + length && length <= maxFrame)) return;
        if (length === 0 || length > maxFrame) {
          fail(new WardenError('EPROTO', 'The monitor answered with a frame of an impossible size.', 71));
          return;
        }
        const reply = new Reader(buffered.subarray(4, 4 + length));
        if (reply.u8() !== frame.ok) {
          fail(readError(reply));
          return;
        }
        settle();
        const rest = buffered.subarray(4 + length);
        if (rest.length > 0) socket.unshift(rest);
        resolve({ socket, reply });
      };
      socket.on('data', take);
      socket.on('error', fail);
      socket.on('close', closed);
      socket.on('end', closed);
      const body = fields.take();
      socket.write(
        Buffer.concat([
          new Writer()
            .u32(body.length + 1)
            .u8(type)
            .take(),
          body,
        ]),
      );
    });
  }
}

/** Cuts `u32 length, u8 type, fields` out of a byte stream. */
class FrameParser {
  private buffered: Buffer = Buffer.alloc(0);
  constructor(private readonly deliver: (type: number, fields: Reader) => void) {}

  take(chunk: Buffer): void {
    this.buffered = this.buffered.length === 0 ? chunk : Buffer.concat([this.buffered, chunk]);
    while (this.buffered.length >= 4) {
      const length = this.buffered.readUInt32LE(0);
      if (this.buffered.length < 4 + length) return;
      const reader = new Reader(this.buffered.subarray(4, 4 + length));
      this.buffered = this.buffered.subarray(4 + length);
      this.deliver(reader.u8(), reader);
    }
  }
}

/** `i32 exitCode, u32 signal, u8 oomKilled, u64 finishedAt`: the exit frame's and the exit file's content. */
export function readExit(reader: Reader): ExitStatus {
  return {
    exitCode: reader.i32(),
    signal: reader.u32(),
    oomKilled: reader.bool(),
    finishedAtNs: reader.u64(),
  };
}
