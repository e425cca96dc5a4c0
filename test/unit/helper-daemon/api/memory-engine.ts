import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { Duplex, PassThrough, type Readable } from 'node:stream';
import type * as wire from '../../../../protocol/docker';
import { EngineError } from '../../../../helper-daemon/error';
import type { AttachStream, Caller, Services, WaitCondition } from '../../../../helper-daemon/api/services';
import { Framer, inspectOf, summaryOf, systemService, emptyNetworks, emptyVolumes } from './memory-shapes';

/** What a "process" of this engine may use. */
export interface Io {
  readonly stdin: Readable;
  out(text: string | Buffer): void;
  err(text: string): void;
  killed: Promise<number>;
}

/** The commands that the engine can run. */
const programs: Record<string, (io: Io, args: string[]) => Promise<number>> = {
  async echo(io, args) {
    io.out(`${args.join(' ')}\n`);
    return Promise.resolve(0);
  },
  async cat(io) {
    for await (const chunk of io.stdin) io.out(chunk as Buffer);
    return 0;
  },
  async both(io) {
    io.out('to stdout\n');
    io.err('to stderr\n');
    return Promise.resolve(0);
  },
  async exit(_io, args) {
    return Promise.resolve(Number(args[0]));
  },
  async sleep(io) {
    return io.killed;
  },
  async flood(io, args) {
    const block = Buffer.alloc(64 * 1024, 'x');
    for (let sent = 0; sent < Number(args[0]); sent += block.length) io.out(block);
    return Promise.resolve(0);
  },
};

export class MemoryContainer {
  readonly id = randomBytes(32).toString('hex');
  readonly created = new Date();
  readonly changes = new EventEmitter();
  readonly log: Buffer[] = [];
  readonly stdin = new PassThrough();
  readonly sizes: [number, number][] = [];
  status: wire.ContainerStatus = 'created';
  exitCode = 0;
  kill: (code: number) => void = () => undefined;
  private readonly watchers = new Set<Duplex>();

  constructor(
    readonly name: string,
    readonly body: wire.ContainerCreate,
    readonly owner: number,
  ) {}

  get tty(): boolean {
    return this.body.Tty ?? false;
  }

  attach(stdin: boolean): Duplex {
    const target = this.stdin;
    const stream = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        if (!stdin || target.write(chunk)) done();
        else target.once('drain', () => done());
      },
      final(done) {
        if (stdin) target.end();
        done();
      },
    });
    if (this.status === 'exited') stream.push(null);
    else this.watchers.add(stream);
    stream.on('close', () => this.watchers.delete(stream));
    return stream;
  }

  run(cmd: readonly string[], openStdin: boolean): void {
    if (!openStdin) this.stdin.end();
    const framer = new Framer(this.tty);
    const emit = (kind: 1 | 2, data: Buffer) => {
      const bytes = framer.frame(kind, data);
      this.log.push(bytes);
      for (const watcher of this.watchers) watcher.push(bytes);
    };
    const killed = new Promise<number>((resolve) => (this.kill = resolve));
    const io: Io = {
      stdin: this.stdin,
      out: (text) => emit(1, Buffer.from(text)),
      err: (text) => emit(2, Buffer.from(text)),
      killed,
    };
    this.status = 'running';
    const program = programs[cmd[0] ?? '']!;
    void program(io, cmd.slice(1)).then((code) => {
      this.status = 'exited';
      this.exitCode = code;
      for (const watcher of this.watchers) watcher.push(null);
      this.changes.emit('exit');
    });
  }
}

/** An engine without a kernel: containers are functions in this process. Enough to drive the HTTP layer for real. */
export class MemoryEngine {
  readonly containers = new Map<string, MemoryContainer>();
  readonly execs = new Map<
    string,
    { container: MemoryContainer; body: wire.ExecCreate; process: MemoryContainer }
  >();
  readonly events = new EventEmitter();
  readonly images = new Set(['busybox:latest', 'localhost:5000/a/b:1']);
  readonly pulls: { reference: string; auth: wire.RegistryAuth | undefined; signal: AbortSignal }[] = [];
  readonly imported: Buffer[] = [];
  readonly seen: { name: string; filters: unknown }[] = [];

  find(caller: Caller, ref: string): MemoryContainer {
    for (const container of this.containers.values()) {
      const mine = caller.admin || container.owner === caller.uid;
      if (mine && (container.name === ref || container.id.startsWith(ref))) return container;
    }
    throw new EngineError(404, 'no-such-container', `No such container: ${ref}`);
  }

  emit(container: MemoryContainer, action: string): void {
    const now = Date.now();
    const event: wire.EventMessage = {
      status: action,
      id: container.id,
      from: container.body.Image ?? '',
      Type: 'container',
      Action: action,
      Actor: {
        ID: container.id,
        Attributes: { ...container.body.Labels, image: container.body.Image ?? '', name: container.name },
      },
      scope: 'local',
      time: Math.floor(now / 1000),
      timeNano: now * 1e6,
    };
    this.events.emit('event', event);
  }

  private async exited(container: MemoryContainer, condition: WaitCondition): Promise<wire.WaitResponse> {
    const next = condition === 'next-exit' || container.status === 'running' || condition === 'removed';
    if (next && container.status !== 'exited') await once(container.changes, 'exit');
    if (condition === 'removed' && this.containers.has(container.id))
      await once(container.changes, 'removed');
    return { StatusCode: container.exitCode };
  }

  private remove(container: MemoryContainer): void {
    this.containers.delete(container.id);
    container.changes.emit('removed');
  }

  services(): Services {
    const noImage = (name: string) => new EngineError(404, 'no-such-image', `No such image: ${name}`);
    const key = (name: string) => (name.includes(':') ? name : `${name}:latest`);
    return {
      containers: {
        create: (caller, name, _platform, body) => {
          if (!this.images.has(key(body.Image ?? ''))) return Promise.reject(noImage(key(body.Image ?? '')));
          const container = new MemoryContainer(name ?? `c${this.containers.size}`, body, caller.uid);
          this.containers.set(container.id, container);
          return Promise.resolve({ Id: container.id, Warnings: [] });
        },
        start: (caller, id) => {
          const container = this.find(caller, id);
          if (container.status === 'running') return Promise.resolve('already-started');
          const cmd = [...(container.body.Entrypoint ?? []), ...(container.body.Cmd ?? [])];
          if (programs[cmd[0] ?? ''] === undefined) {
            if (container.body.HostConfig?.AutoRemove) this.remove(container);
            const message = `failed to create task for container: exec: "${cmd[0] ?? ''}": executable file not found in $PATH: unknown`;
            container.exitCode = 127;
            container.status = 'exited';
            container.changes.emit('exit');
            return Promise.reject(new EngineError(400, 'start-failed', message));
          }
          container.run(cmd, container.body.OpenStdin ?? false);
          container.changes.once('exit', () => {
            this.emit(container, 'die');
            if (container.body.HostConfig?.AutoRemove) this.remove(container);
          });
          this.emit(container, 'start');
          return Promise.resolve('started');
        },
        stop: (caller, id) => {
          const container = this.find(caller, id);
          if (container.status !== 'running') return Promise.resolve('already-stopped');
          container.kill(137);
          return Promise.resolve('stopped');
        },
        restart: () => Promise.resolve(),
        kill: (caller, id, signal) => {
          this.find(caller, id).kill(
            signal === 'KILL' || signal === 'SIGKILL' || signal === undefined ? 137 : 130,
          );
          return Promise.resolve();
        },
        pause: () => Promise.resolve(),
        unpause: () => Promise.resolve(),
        remove: (caller, id) => {
          this.remove(this.find(caller, id));
          return Promise.resolve();
        },
        rename: () => Promise.resolve(),
        update: (_caller, _id, body) => Promise.resolve({ Warnings: [JSON.stringify(body)] }),
        resize: (caller, id, height, width) => {
          this.find(caller, id).sizes.push([height, width]);
          return Promise.resolve();
        },
        wait: (caller, id, condition) => ({ exit: this.exited(this.find(caller, id), condition) }),
        attach: (caller, id, request) => {
          const container = this.find(caller, id);
          return Promise.resolve({
            tty: container.tty,
            stream: container.attach(request.stdin),
          } satisfies AttachStream);
        },
        logs: async (caller, id, request) => {
          const container = this.find(caller, id);
          const stream = new PassThrough();
          for (const record of container.log) stream.write(record);
          if (request.follow && container.status === 'running') {
            const live = container.attach(false);
            live.pipe(stream);
            request.signal.addEventListener('abort', () => live.destroy());
          } else stream.end();
          return Promise.resolve({ tty: container.tty, stream });
        },
        inspect: (caller, id) => Promise.resolve(inspectOf(this.find(caller, id))),
        list: (caller, query) => {
          this.seen.push({ name: 'list', filters: Object.fromEntries(query.filters) });
          const mine = [...this.containers.values()].filter(
            (each) => caller.admin || each.owner === caller.uid,
          );
          return Promise.resolve(
            mine.filter((each) => query.all || each.status === 'running').map(summaryOf),
          );
        },
        top: () => Promise.resolve({ Titles: ['PID', 'CMD'], Processes: [['1', 'cat']] }),
        stats: (caller, id) => {
          this.find(caller, id);
          return Promise.reject(new EngineError(501, 'not-implemented', 'no kernel to ask'));
        },
        prune: () => Promise.resolve({ ContainersDeleted: [], SpaceReclaimed: 0 }),
        execCreate: (caller, id, body) => {
          const container = this.find(caller, id);
          const process = new MemoryContainer('exec', { Tty: body.Tty, Cmd: body.Cmd }, caller.uid);
          this.execs.set(process.id, { container, body, process });
          return Promise.resolve({ Id: process.id });
        },
        execStart: (_caller, id, body) => {
          const exec = this.execs.get(id);
          if (exec === undefined)
            return Promise.reject(new EngineError(404, 'no-such-exec', `No such exec instance: ${id}`));
          if (programs[exec.body.Cmd?.[0] ?? ''] === undefined) {
            return Promise.reject(
              new EngineError(400, 'exec-failed', 'exec: executable file not found in $PATH'),
            );
          }
          const stream = exec.process.attach(exec.body.AttachStdin ?? false);
          exec.process.run(exec.body.Cmd ?? [], exec.body.AttachStdin ?? false);
          if (body.Detach) return Promise.resolve('detached');
          return Promise.resolve({ tty: exec.process.tty, stream });
        },
        execResize: (_caller, id, height, width) => {
          this.execs.get(id)?.process.sizes.push([height, width]);
          return Promise.resolve();
        },
        execInspect: (_caller, id) => {
          const exec = this.execs.get(id);
          if (exec === undefined) throw new EngineError(404, 'no-such-exec', `No such exec instance: ${id}`);
          const running = exec.process.status !== 'exited';
          return {
            ID: id,
            ContainerID: exec.container.id,
            Running: running,
            ExitCode: running ? null : exec.process.exitCode,
            OpenStdin: exec.body.AttachStdin ?? false,
            OpenStdout: true,
            OpenStderr: true,
            CanRemove: false,
            DetachKeys: '',
            Pid: 1,
            ProcessConfig: { entrypoint: exec.body.Cmd?.[0] ?? '', arguments: [], tty: exec.process.tty },
          };
        },
        connect: () => {
          const echo = new PassThrough();
          return Promise.resolve(echo);
        },
        publish: (_caller, _id, port) =>
          Promise.resolve({
            Proto: port.Proto ?? 'tcp',
            HostIp: port.HostIp ?? '127.0.0.1',
            HostPort: 40_000,
            ContainerPort: port.ContainerPort,
          }),
        unpublish: () => Promise.resolve(),
        trace: (caller, id) => ({
          Id: this.find(caller, id).id,
          Steps: [{ Name: 'create', Detail: '', Milliseconds: 1 }],
        }),
        own: () => Promise.resolve({ changed: 3 }),
      },
      images: {
        pull: async (_caller, request, progress) => {
          this.pulls.push(request);
          if (request.reference.startsWith('missing')) throw noImage(request.reference);
          progress({ status: `Pulling from ${request.reference}` });
          if (request.reference.startsWith('stuck')) await once(request.signal, 'abort');
          if (request.reference.startsWith('broken'))
            throw new EngineError(500, 'pull-failed', 'the registry went away');
          const total = request.reference.startsWith('huge') ? 100_000 : 20;
          for (let current = 0; current <= total; current += 1) {
            progress({ id: 'abc', status: 'Downloading', progressDetail: { current, total } });
          }
          progress({ status: `Status: Downloaded newer image for ${request.reference}` });
          this.images.add(request.reference);
        },
        importTar: async (_caller, request) => {
          for await (const chunk of request.source) this.imported.push(chunk as Buffer);
          return 'sha256:1234';
        },
        list: () => Promise.resolve([]),
        inspect: (_caller, name) =>
          this.images.has(key(name))
            ? Promise.resolve({
                Id: `sha256:${'0'.repeat(64)}`,
                RepoTags: [key(name)],
                RepoDigests: [],
                Parent: '',
                Comment: '',
                DockerVersion: '',
                Author: '',
                Config: {},
                Architecture: 'amd64',
                Os: 'linux',
                Size: 5,
                GraphDriver: { Name: 'overlay2', Data: null },
                RootFS: { Type: 'layers', Layers: [] },
                Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
              })
            : Promise.reject(noImage(key(name))),
        history: () => Promise.resolve([]),
        tag: () => Promise.resolve(),
        remove: (_caller, name) => Promise.resolve([{ Untagged: key(name) }]),
        prune: () => Promise.resolve({ ImagesDeleted: null, SpaceReclaimed: 0 }),
        auth: () => Promise.resolve({ Status: 'Login Succeeded', IdentityToken: '' }),
        layers: () => Promise.resolve([]),
        resolve: (_caller, name) => Promise.reject(noImage(name)),
        diskUsage: () => Promise.resolve({ LayersSize: 0, Images: [] }),
        count: () => this.images.size,
      },
      networks: emptyNetworks,
      volumes: emptyVolumes,
      system: systemService,
      events: {
        subscribe: (_caller, query, deliver) => {
          this.seen.push({ name: 'events', filters: Object.fromEntries(query.filters) });
          this.events.on('event', deliver);
          query.signal.addEventListener('abort', () => this.events.off('event', deliver));
        },
      },
    };
  }
}
