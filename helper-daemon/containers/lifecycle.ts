/**
 * Starts containers, notices their end, and removes them. A start is LAUNCH, then attach and watch, then START: nothing of the output
 * and no exit is ever lost. What runs does not depend on this process: after a crash `recovery.ts` finds it again.
 */
import { never, nowNs, parseRfc3339, rfc3339 } from '../clock';
import { EngineError } from '../error';
import type { Log } from '../log';
import type { IdRanges } from '../policy/id-ranges';
import { fixedNetworks } from '../networks/networks';
import type { Networks } from '../networks/networks';
import type { Network } from '../networks/network-store';
import type { EventBus } from '../system/event-bus';
import type { Volumes } from '../volumes/volumes';
import type { ExitStatus } from '../warden/monitor';
import type { Launched, Warden } from '../warden/verbs';
import type { Container } from './container';
import { containerEventAttributes } from './container-event';
import type { ContainerState } from './container-record';
import type { ContainerStore } from './container-store';
import { ownBindsAtEnd } from './developer-ownership';
import type { Instance } from './instance';
import { compilePlan } from './plan-compiler';
import type { ContainerRegistry } from './registry';
import { killedExitCode } from './resource-limits';
import { restartDelay, wantsRestart } from './restart-policy';
import type { Architecture } from './seccomp/syscall-numbers';
import { endMonitor } from './signal-delivery';
import { startFailure } from './start-failure';
import { startTrace } from './start-trace';
import { recordedExit } from './exit-file';

export interface LifecycleOptions {
  readonly instance: Instance;
  readonly warden: Warden;
  readonly registry: ContainerRegistry;
  readonly store: ContainerStore;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly ranges: IdRanges;
  readonly events: EventBus;
  readonly log: Log;
  readonly containerLog: { readonly maxSize: number; readonly maxFiles: number };
  readonly architecture: Architecture;
  readonly maxProcesses: number;
  /** A container is gone: its image may have been waiting for that. */
  readonly collectImages: () => Promise<void>;
}

export class Lifecycle {
  private stopping = false;

  constructor(private readonly options: LifecycleOptions) {}

  /** @throws EngineError in Docker's words; a container that was made with `--rm` is gone then */
  async start(container: Container): Promise<'started' | 'already-started'> {
    if (container.starting !== undefined) {
      await container.starting;
      return 'already-started';
    }
    if (container.state.status === 'paused')
      throw new EngineError(409, 'paused', 'cannot start a paused container, try unpause instead');
    if (container.alive) return 'already-started';
    if (container.removing !== undefined)
      throw new EngineError(409, 'removing', 'container is marked for removal and cannot be started');
    clearTimeout(container.restartTimer);
    const starting = this.startNow(container);
    container.starting = starting;
    try {
      await starting;
    } finally {
      container.starting = undefined;
    }
    return 'started';
  }

  private async startNow(container: Container): Promise<void> {
    let network: Network | undefined;
    try {
      await container.monitorGone;
      network = await this.joinNetwork(container);
      const launched = await this.launch(container, network);
      const began = performance.now();
      await this.connectClients(container);
      await container.monitor.start();
      this.nowRunning(container, launched, performance.now() - began);
    } catch (error) {
      if (network !== undefined) this.options.networks.forgetBridge(network);
      await this.failedStart(container, error);
    }
  }

  private async joinNetwork(container: Container): Promise<Network | undefined> {
    const { record } = container;
    if (fixedNetworks.has(record.network)) return undefined;
    const network = await this.options.networks.find(record.ownerUid, record.network);
    await this.options.networks.ensureBridge(network);
    this.options.networks.attach(network, container.id, record.requestedIp);
    return network;
  }

  private async launch(container: Container, network: Network | undefined): Promise<Launched> {
    const { networks, ranges, instance } = this.options;
    const endpoint = networks.store.endpointOf(container.id);
    const plan = compilePlan(container.record, {
      instance,
      range: ranges.of(container.record.ownerUid),
      network:
        network === undefined || endpoint === undefined
          ? undefined
          : { network, endpoint, namesFile: networks.namesFile(network.id) },
      console: container.pendingSize ?? container.record.hostConfig.ConsoleSize ?? [0, 0],
      log: this.options.containerLog,
      architecture: this.options.architecture,
      maxProcesses: this.options.maxProcesses,
    });
    return this.options.warden.launch(plan);
  }

  /** Clients that attached before the start, and our own watch, are there before the first byte. */
  private async connectClients(container: Container): Promise<void> {
    const tty = container.record.config.Tty === true;
    const pending = [...container.pendingAttaches];
    container.pendingAttaches.clear();
    await Promise.all([
      this.watch(container),
      ...pending.map(async ({ stream, streams }) => {
        stream.join(await container.monitor.attach(streams, tty));
      }),
    ]);
  }

  /** Told of the end by the monitor, or by its connection breaking. */
  async watch(container: Container): Promise<'created' | 'running' | 'exited'> {
    const watched = await container.monitor.watch({
      started: () => undefined,
      oom: () => {
        container.state = { ...container.state, oomKilled: true };
        this.emit(container, 'oom', {});
      },
      exited: (status) => {
        this.afterStart(container, () => this.exited(container, status));
      },
      lost: () => {
        this.afterStart(container, () =>
          this.exited(
            container,
            recordedExit(container, this.options.instance.containerDirectory(container.id)),
          ),
        );
      },
    });
    container.stopWatching = () => {
      watched.stop();
    };
    container.monitorGone = watched.closed;
    return watched.state;
  }

  /** An exit may be told before the start's own answer has been read. */
  private afterStart(container: Container, work: () => Promise<void>): void {
    const { starting } = container;
    void (starting ?? Promise.resolve()).then(work, work).catch((error: unknown) => {
      this.options.log.error("A container's end could not be recorded.", {
        id: container.id,
        error: String(error),
      });
    });
  }

  private nowRunning(container: Container, launched: Launched, execMs: number): void {
    const { store } = this.options;
    const size = container.pendingSize;
    container.pendingSize = undefined;
    container.state = {
      ...container.state,
      status: 'running',
      pid: launched.initPid,
      exitCode: 0,
      error: '',
      startedAt: rfc3339(nowNs()),
      finishedAt: container.state.finishedAt,
      oomKilled: false,
      stoppedByUser: false,
      ports: [...launched.ports],
      uid: launched.uid,
      gid: launched.gid,
      trace: startTrace(container, launched, execMs, {
        instance: this.options.instance,
        networks: this.options.networks.store,
        ranges: this.options.ranges,
      }),
    };
    store.saveState(container.id, container.state, 'relaxed');
    this.emit(container, 'start', {});
    if (size !== undefined) void this.resize(container, size[0], size[1]);
  }

  /** Without a terminal, or of a container that ends at this moment, it says nothing. */
  async resize(container: Container, height: number, width: number): Promise<void> {
    try {
      await container.monitor.resize(height, width);
    } catch (error) {
      this.options.log.debug('The size of a terminal could not be set.', {
        id: container.id,
        error: String(error),
      });
    }
  }

  private async failedStart(container: Container, cause: unknown): Promise<never> {
    const failure = startFailure(cause, container.record.args[0] ?? '');
    this.options.networks.release(container.id);
    for (const { stream } of container.pendingAttaches) stream.join(undefined);
    container.pendingAttaches.clear();
    await endMonitor(container, this.options.log);
    await container.monitorGone;
    const status = container.state.startedAt === never ? 'created' : 'exited';
    container.state = {
      ...container.state,
      status,
      pid: 0,
      ports: [],
      exitCode: failure.exitCode,
      error: failure.error.message,
    };
    this.options.store.saveState(container.id, container.state, 'durable');
    if (container.record.hostConfig.AutoRemove === true) {
      await this.remove(container, { volumes: true });
    } else container.settle('exit');
    throw failure.error;
  }

  /** @param status undefined: neither monitor nor exit file tell how it ended */
  async exited(container: Container, status: ExitStatus | undefined): Promise<void> {
    if (!container.alive) return;
    const { record } = container;
    const finishedAt = status === undefined ? nowNs() : status.finishedAtNs;
    const next: ContainerState = {
      ...container.state,
      status: 'exited',
      pid: 0,
      ports: [],
      exitCode: status?.exitCode ?? killedExitCode,
      error: status === undefined ? "The container's monitor ended without leaving an exit status." : '',
      finishedAt: rfc3339(finishedAt),
      oomKilled: status?.oomKilled ?? container.state.oomKilled,
    };
    container.state = next;
    const autoRemove = record.hostConfig.AutoRemove === true;
    this.options.store.saveState(container.id, next, autoRemove ? 'relaxed' : 'durable');
    this.options.networks.release(container.id);
    const seconds = Math.round(Number(finishedAt - parseRfc3339(next.startedAt)) / 1e9);
    this.emit(container, 'die', {
      exitCode: String(next.exitCode),
      execDuration: String(Math.max(0, seconds)),
    });
    container.settle('exit');
    await ownBindsAtEnd(container, this.options.warden, this.options.ranges, this.options.log);
    if (this.stopping) return;
    if (wantsRestart(record.hostConfig.RestartPolicy, next)) this.scheduleRestart(container);
    else if (autoRemove) await this.remove(container, { volumes: true });
  }

  private scheduleRestart(container: Container): void {
    const delay = restartDelay(container.state);
    container.state = {
      ...container.state,
      status: 'restarting',
      restartCount: container.state.restartCount + 1,
    };
    container.restartTimer = setTimeout(() => {
      this.start(container).catch((error: unknown) => {
        this.options.log.warn('A restart failed.', { id: container.id, error: String(error) });
        container.state = { ...container.state, status: 'exited' };
        if (
          !container.removed &&
          !this.stopping &&
          wantsRestart(container.record.hostConfig.RestartPolicy, container.state)
        )
          this.scheduleRestart(container);
      });
    }, delay);
  }

  /** A container that waits for its next start waits no longer. */
  cancelRestart(container: Container): void {
    clearTimeout(container.restartTimer);
    if (container.state.status !== 'restarting') return;
    container.state = { ...container.state, status: 'exited' };
    this.options.store.saveState(container.id, container.state, 'durable');
  }

  /** Of a container that is not alive. Concurrent calls join. */
  async remove(container: Container, options: { volumes: boolean }): Promise<void> {
    if (container.removed) return;
    container.removing ??= this.removeNow(container, options).finally(() => {
      container.removing = undefined;
    });
    await container.removing;
  }

  private async removeNow(container: Container, options: { volumes: boolean }): Promise<void> {
    const { registry, store, volumes, warden, instance } = this.options;
    const { record } = container;
    this.cancelRestart(container);
    await container.monitorGone;
    await warden.removeTree(instance.containerDirectory(record.id));
    this.options.networks.release(record.id);
    store.delete(record.id, record.hostConfig.AutoRemove === true ? 'relaxed' : 'durable');
    registry.delete(container);
    container.removed = true;
    for (const { stream } of container.pendingAttaches) stream.join(undefined);
    const anonymous = record.mounts.filter((mount) => mount.anonymous && mount.name !== undefined);
    if (options.volumes)
      for (const { name } of anonymous) await volumes.removeAnonymous(record.ownerUid, name ?? '');
    this.emit(container, 'destroy', {});
    container.settle('removed');
    this.options.collectImages().catch((error: unknown) => {
      this.options.log.warn('Unused images could not be removed.', { error: String(error) });
    });
  }

  emit(container: Container, action: string, attributes: Readonly<Record<string, string>>): void {
    this.options.events.emit(container.record.ownerUid, 'container', action, container.id, {
      ...containerEventAttributes(container),
      ...attributes,
    });
  }

  /** Restarts nothing from here on: the helper is going away, its containers stay. */
  close(): void {
    this.stopping = true;
    for (const container of this.options.registry.all()) {
      clearTimeout(container.restartTimer);
      container.stopWatching?.();
    }
  }
}
