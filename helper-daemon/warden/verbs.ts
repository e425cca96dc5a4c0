/** The verbs of the warden's protocol, typed: how each is asked and what it answers (PROTOCOL.md). */
import type { Reader } from './codec';
import { Writer } from './codec';
import { encodePlan, writeCaller, writeResources } from './launch-plan';
import type { BindCaller, LaunchPlan, Resources } from './launch-plan';

export const protocolVersion = 1;

export const verb = {
  hello: 1,
  launch: 2,
  makeTree: 3,
  removeTree: 4,
  unpack: 5,
  commitTree: 6,
  checkBind: 7,
  ensureBridge: 8,
  removeBridge: 9,
  routes: 10,
  updateResources: 11,
  sweep: 12,
  freeze: 13,
  usage: 14,
  stats: 15,
  tarTree: 16,
  ownTree: 17,
} as const;

export interface Hello {
  readonly version: number;
  readonly pid: number;
  readonly features: readonly string[];
  /** Sentences for the user about what this kernel lacks. */
  readonly missing: readonly string[];
}

export interface BoundPort {
  readonly protocol: number;
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
}

export interface Launched {
  readonly monitorPid: number;
  readonly initPid: number;
  readonly initStartTicks: bigint;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly ports: readonly BoundPort[];
  readonly timings: readonly { readonly step: string; readonly nanoseconds: number }[];
}

export interface Route {
  readonly destination: string;
  readonly prefix: number;
  readonly device: string;
}

export interface CheckedBind {
  readonly kind: 'directory' | 'file' | 'other';
  readonly uid: number;
  readonly gid: number;
}

export interface Usage {
  readonly memoryBytes: number;
  readonly memoryLimit: number;
  readonly cpuNanoseconds: number;
  readonly pids: number;
  readonly oomKills: number;
}

export type ExchangeOptions = { readonly fds?: readonly number[] };
/** One request and its answer's fields. */
export type Exchange = (verb: number, fields: Buffer, options?: ExchangeOptions) => Promise<Reader>;

/** The warden as functions. Every one rejects with a WardenError, or with EngineError 503 `warden-gone`. */
export class Warden {
  constructor(private readonly exchange: Exchange) {}

  async hello(): Promise<Hello> {
    const reply = await this.exchange(verb.hello, new Writer().u32(protocolVersion).take());
    const hello = { version: reply.u32(), pid: reply.u32(), features: reply.strs(), missing: reply.strs() };
    reply.end();
    return hello;
  }

  async launch(plan: LaunchPlan): Promise<Launched> {
    const reply = await this.exchange(verb.launch, encodePlan(plan));
    const launched = {
      monitorPid: reply.u32(),
      initPid: reply.u32(),
      initStartTicks: reply.u64(),
      uid: reply.u32(),
      gid: reply.u32(),
      home: reply.str(),
      ports: reply.list(9, () => ({
        protocol: reply.u8(),
        hostIp: reply.str(),
        hostPort: reply.u16(),
        containerPort: reply.u16(),
      })),
      timings: reply.list(12, () => ({ step: reply.str(), nanoseconds: reply.size() })),
    };
    reply.end();
    return launched;
  }

  async makeTree(path: string, kind: 'directory' | 'container'): Promise<void> {
    await this.done(verb.makeTree, new Writer().str(path).u8(kind === 'container' ? 1 : 0));
  }

  /** @returns the bytes that became free */
  async removeTree(path: string): Promise<number> {
    return this.number(verb.removeTree, new Writer().str(path));
  }

  /** @param source read end of a pipe with an uncompressed tar; the caller closes its own copy */
  async unpack(
    directory: string,
    limits: { bytes: number; entries: number },
    source: number,
  ): Promise<{ entries: number; bytes: number }> {
    const reply = await this.exchange(
      verb.unpack,
      new Writer().str(directory).u64(limits.bytes).u64(limits.entries).take(),
      { fds: [source] },
    );
    const result = { entries: reply.size(), bytes: reply.size() };
    reply.end();
    return result;
  }

  async commitTree(from: string, to: string): Promise<void> {
    await this.done(verb.commitTree, new Writer().str(from).str(to));
  }

  async checkBind(caller: BindCaller, path: string, createMissing: boolean): Promise<CheckedBind> {
    const out = new Writer();
    writeCaller(out, caller);
    const reply = await this.exchange(verb.checkBind, out.str(path).bool(createMissing).take());
    const kinds = ['directory', 'file'] as const;
    const checked = { kind: kinds[reply.u8()] ?? ('other' as const), uid: reply.u32(), gid: reply.u32() };
    reply.end();
    return checked;
  }

  async ensureBridge(name: string, gateway: string, prefix: number): Promise<void> {
    await this.done(verb.ensureBridge, new Writer().str(name).str(gateway).u8(prefix));
  }

  async removeBridge(name: string, gateway: string, prefix: number): Promise<void> {
    await this.done(verb.removeBridge, new Writer().str(name).str(gateway).u8(prefix));
  }

  async routes(): Promise<Route[]> {
    const reply = await this.exchange(verb.routes, Buffer.alloc(0));
    const routes = reply.list(9, () => ({
      destination: reply.str(),
      prefix: reply.u8(),
      device: reply.str(),
    }));
    reply.end();
    return routes;
  }

  async updateResources(id: string, resources: Resources): Promise<void> {
    const out = new Writer().str(id);
    writeResources(out, resources);
    await this.done(verb.updateResources, out);
  }

  async sweep(cgroupParent: string, live: readonly string[]): Promise<{ removed: number; killed: number }> {
    const reply = await this.exchange(verb.sweep, new Writer().str(cgroupParent).strs(live).take());
    const swept = { removed: reply.u32(), killed: reply.u32() };
    reply.end();
    return swept;
  }

  async freeze(id: string, frozen: boolean): Promise<void> {
    await this.done(verb.freeze, new Writer().str(id).bool(frozen));
  }

  async usage(path: string): Promise<{ bytes: number; entries: number }> {
    const reply = await this.exchange(verb.usage, new Writer().str(path).take());
    const usage = { bytes: reply.size(), entries: reply.size() };
    reply.end();
    return usage;
  }

  async stats(id: string): Promise<Usage> {
    const reply = await this.exchange(verb.stats, new Writer().str(id).take());
    const usage = {
      memoryBytes: reply.size(),
      memoryLimit: reply.size(),
      cpuNanoseconds: reply.size(),
      pids: reply.u32(),
      oomKills: reply.size(),
    };
    reply.end();
    return usage;
  }

  /** @param sink write end of a pipe; the caller closes its own copy */
  async tarTree(path: string, sink: number): Promise<number> {
    const reply = await this.exchange(verb.tarTree, new Writer().str(path).take(), { fds: [sink] });
    const bytes = reply.size();
    reply.end();
    return bytes;
  }

  /** Gives every inode beneath `path` that an id of the range owns to uid:gid. @returns how many changed */
  async ownTree(
    caller: BindCaller,
    path: string,
    range: { base: number; size: number },
    owner: { uid: number; gid: number },
  ): Promise<number> {
    const out = new Writer();
    writeCaller(out, caller);
    out.str(path).u32(range.base).u32(range.size).u32(owner.uid).u32(owner.gid);
    return this.number(verb.ownTree, out);
  }

  private async done(verbNumber: number, fields: Writer): Promise<void> {
    (await this.exchange(verbNumber, fields.take())).end();
  }

  private async number(verbNumber: number, fields: Writer): Promise<number> {
    const reply = await this.exchange(verbNumber, fields.take());
    const value = reply.size();
    reply.end();
    return value;
  }
}
