/**
 * The connection to the warden: starts it, numbers the requests, and starts it again when it dies.
 * Containers never notice: their monitors do not depend on it.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EngineError } from '../error';
import type { Log } from '../log';
import { addon } from './addon';
import { Reader, Writer } from './codec';
import { Warden, protocolVersion } from './verbs';
import type { ExchangeOptions, Hello } from './verbs';
import { readError } from './warden-error';

const restartDelaysMs = [0, 100, 250, 500, 1000, 2000, 5000] as const;
/** A warden that lived this long has earned a fresh start of the delays. */
const steadyMs = 10_000;
/** How long a request waits for a warden that is being started again. */
const patienceMs = 5000;

interface Pending {
  resolve(reply: Reader): void;
  reject(error: Error): void;
}

interface Peer {
  readonly channel: InstanceType<typeof addon.Channel>;
  readonly child: ChildProcess | undefined;
}

export interface WardenOptions {
  readonly binary: string;
  readonly root: string;
  readonly run: string;
  /** Socket of a warden that runs already; then none is started. */
  readonly path: string | undefined;
  readonly log: Log;
}

export class WardenProcess {
  readonly warden = new Warden((verb, fields, options) => this.exchange(verb, fields, options));
  private readonly pending = new Map<number, Pending>();
  private peer: Peer | undefined;
  private nextId = 1;
  private readonly waitingForPeer = new Set<() => void>();
  private failures = 0;
  private startedAt = 0;
  private stopping = false;
  private timer: NodeJS.Timeout | undefined;
  private ready: Promise<Hello> | undefined;
  private lastHello: Hello | undefined;

  constructor(private readonly options: WardenOptions) {}

  /** What the warden said of itself when it was greeted last. */
  get hello(): Hello | undefined {
    return this.lastHello;
  }

  get pid(): number | undefined {
    return this.lastHello?.pid;
  }

  /** Connects and greets. @throws EngineError 503 when it cannot be started or speaks another version */
  async start(): Promise<Hello> {
    this.connect();
    if (this.ready === undefined) throw gone('it could not be started');
    return this.ready;
  }

  /** Ends the connection; a warden that was started here ends with it, its monitors live on. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { peer } = this;
    this.peer = undefined;
    if (peer === undefined) return;
    const ended =
      peer.child === undefined || peer.child.exitCode !== null
        ? Promise.resolve()
        : new Promise<void>((resolve) =>
            peer.child?.once('exit', () => {
              resolve();
            }),
          );
    peer.channel.close();
    this.failAll(gone('the helper is stopping'));
    for (const settle of [...this.waitingForPeer]) settle();
    await ended;
  }

  private connect(): void {
    this.startedAt = Date.now();
    const peer = this.options.path === undefined ? this.spawnPeer() : this.joinPeer(this.options.path);
    this.peer = peer;
    this.ready = this.greet();
    for (const settle of [...this.waitingForPeer]) settle();
    this.ready.catch((error: unknown) => {
      this.options.log.error('The warden did not answer the greeting.', { error: String(error) });
    });
  }

  private spawnPeer(): Peer {
    const pair = addon.socketPair();
    const child = spawn(
      this.options.binary,
      ['--root', this.options.root, '--run', this.options.run, '--fd', '3'],
      {
        stdio: ['ignore', 'ignore', 'inherit', pair.child],
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
        cwd: '/',
      },
    );
    addon.closeFd(pair.child);
    child.once('error', (error) => {
      this.options.log.error('The warden cannot be started.', {
        binary: this.options.binary,
        error: error.message,
      });
    });
    child.once('exit', (code, signal) => {
      if (!this.stopping)
        this.options.log.warn('The warden ended; containers are not affected.', { code, signal });
    });
    return { channel: this.open(pair.parent), child };
  }

  private joinPeer(path: string): Peer {
    return { channel: this.open(addon.connectSeqpacket(path)), child: undefined };
  }

  private open(fd: number): Peer['channel'] {
    const channel = new addon.Channel(
      fd,
      (data) => {
        this.receive(data);
      },
      (error) => {
        this.closed(channel, error);
      },
    );
    return channel;
  }

  private async greet(): Promise<Hello> {
    const hello = await this.warden.hello();
    if (hello.version !== protocolVersion) {
      throw new EngineError(
        503,
        'warden-version',
        `The warden speaks protocol ${hello.version}, the helper ${protocolVersion}. Reinstall the helper.`,
      );
    }
    this.lastHello = hello;
    return hello;
  }

  private receive(data: Buffer): void {
    const reply = new Reader(data);
    const id = reply.u32();
    const pending = this.pending.get(id);
    if (pending === undefined) {
      this.options.log.warn('The warden answered a request that nobody waits for.', { id });
      return;
    }
    this.pending.delete(id);
    try {
      if (reply.u8() === 0) pending.resolve(reply);
      else pending.reject(readError(reply));
    } catch (error) {
      pending.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private closed(channel: Peer['channel'], error: Error | undefined): void {
    if (this.peer?.channel !== channel) return;
    this.peer = undefined;
    this.failAll(gone(error === undefined ? 'it ended' : error.message));
    if (this.stopping) return;
    this.failures = Date.now() - this.startedAt > steadyMs ? 0 : this.failures + 1;
    const delay = restartDelaysMs[Math.min(this.failures, restartDelaysMs.length - 1)] ?? 0;
    this.timer = setTimeout(() => {
      this.reconnect();
    }, delay);
  }

  private reconnect(): void {
    try {
      this.connect();
    } catch (error) {
      this.failures += 1;
      this.options.log.error('The warden cannot be reached; trying again.', { error: String(error) });
      this.timer = setTimeout(() => {
        this.reconnect();
      }, restartDelaysMs.at(-1));
    }
  }

  private async exchange(verb: number, fields: Buffer, options: ExchangeOptions = {}): Promise<Reader> {
    const peer = this.peer ?? (await this.nextPeer());
    return new Promise((resolve, reject) => {
      const id = this.nextId;
      this.nextId = id >= 0x7fffffff ? 1 : id + 1;
      const head = new Writer().u32(id).u16(verb).take();
      this.pending.set(id, { resolve, reject });
      try {
        peer.channel.send(Buffer.concat([head, fields]), options.fds ?? []);
      } catch (error) {
        this.pending.delete(id);
        reject(gone(error instanceof Error ? error.message : String(error)));
      }
    });
  }

  /** While a warden is being started again requests wait, but not for ever. */
  private async nextPeer(): Promise<Peer> {
    if (!this.stopping) {
      await new Promise<void>((resolve) => {
        const settle = () => {
          clearTimeout(deadline);
          this.waitingForPeer.delete(settle);
          resolve();
        };
        const deadline = setTimeout(settle, patienceMs);
        this.waitingForPeer.add(settle);
      });
    }
    if (this.peer === undefined)
      throw gone(this.stopping ? 'the helper is stopping' : 'it could not be started again in time');
    return this.peer;
  }

  private failAll(error: EngineError): void {
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const pending of waiting) pending.reject(error);
  }
}

function gone(why: string): EngineError {
  return new EngineError(
    503,
    'warden-gone',
    `The privileged part of the helper (the warden) is not available: ${why}. Running containers go on; try again in a moment, and look into the helper's log if it persists.`,
  );
}
