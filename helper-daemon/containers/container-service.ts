/** The containers as the HTTP layer sees them: finds the caller's own, then leaves the work to the parts in this folder. */
import { availableParallelism } from 'node:os';
import type { Duplex, Readable } from 'node:stream';
import type {
  ContainerCreate,
  ContainerCreated,
  ContainerInspect,
  ContainerStats,
  ContainerSummary,
  ContainerTop,
  ContainerTrace,
  ContainerUpdate,
  ExecCreate,
  ExecInspect,
  ExecStart,
  PublishRequest,
  PublishedPort,
  WaitResponse,
} from '../../protocol/docker';
import type {
  AttachRequest,
  AttachStream,
  Caller,
  ContainerService,
  Filters,
  LogRequest,
  WaitCondition,
} from '../api/services';
import { EngineError } from '../error';
import type { Networks } from '../networks/networks';
import type { IdRanges } from '../policy/id-ranges';
import { judgeUpdate } from '../policy/policy';
import type { Warden } from '../warden/verbs';
import type { Container } from './container';
import { matchesContainer } from './container-filter';
import { checkName } from './container-name';
import { pruneContainers } from './container-prune';
import { connectInto, publishPort, unpublishPort } from './container-ports';
import { containerSizes } from './container-sizes';
import { sampleStats } from './container-stats';
import type { ContainerStore } from './container-store';
import { attachTo, containerLogs } from './container-streams';
import { inspectContainer, summarizeContainer } from './container-view';
import type { Creation } from './creation';
import { ownBinds } from './developer-ownership';
import type { ExecRegistry } from './exec-registry';
import type { Instance } from './instance';
import type { Lifecycle } from './lifecycle';
import { processTable } from './process-table';
import type { ContainerRegistry } from './registry';
import { resourcesOf, withinQuota } from './resource-limits';
import { updatedHostConfig } from './resource-update';
import { killAndWait, sendSignal } from './signal-delivery';
import { parseSignal } from './signals';
import { stopContainer } from './stopping';

const SIGKILL = 9;

export interface ContainersOptions {
  readonly instance: Instance;
  readonly warden: Warden;
  readonly registry: ContainerRegistry;
  readonly store: ContainerStore;
  readonly networks: Networks;
  readonly ranges: IdRanges;
  readonly lifecycle: Lifecycle;
  readonly creation: Creation;
  readonly execs: ExecRegistry;
  /** How many processes a container of a confined user may have. */
  readonly maxProcesses: number;
}

export class Containers implements ContainerService {
  constructor(private readonly options: ContainersOptions) {}

  create(
    caller: Caller,
    name: string | undefined,
    platform: string | undefined,
    body: ContainerCreate,
  ): Promise<ContainerCreated> {
    return this.options.creation.create(caller, name, platform, body);
  }

  async start(caller: Caller, id: string): Promise<'started' | 'already-started'> {
    return this.options.lifecycle.start(this.find(caller, id));
  }

  async stop(
    caller: Caller,
    id: string,
    timeoutSeconds: number | undefined,
    signal: string | undefined,
  ): Promise<'stopped' | 'already-stopped'> {
    const container = this.find(caller, id);
    container.state = { ...container.state, stoppedByUser: true };
    this.options.lifecycle.cancelRestart(container);
    if (!container.alive) return 'already-stopped';
    await stopContainer(container, this.options.warden, timeoutSeconds, signal);
    this.options.lifecycle.emit(container, 'stop', {});
    return 'stopped';
  }

  async restart(caller: Caller, id: string, timeoutSeconds: number | undefined): Promise<void> {
    const container = this.find(caller, id);
    if (container.alive) {
      container.state = { ...container.state, stoppedByUser: true };
      await stopContainer(container, this.options.warden, timeoutSeconds, undefined);
    }
    this.options.lifecycle.cancelRestart(container);
    await this.options.lifecycle.start(container);
    this.options.lifecycle.emit(container, 'restart', {});
  }

  async kill(caller: Caller, id: string, signal: string | undefined): Promise<void> {
    const container = this.find(caller, id);
    const number = parseSignal(signal === undefined || signal === '' ? 'SIGKILL' : signal);
    if (!container.alive)
      throw new EngineError(
        409,
        'not-running',
        `cannot kill container: ${id}: container ${container.id} is not running`,
      );
    if (number === SIGKILL) container.state = { ...container.state, stoppedByUser: true };
    const exit = number === SIGKILL ? container.waitFor('exit') : undefined;
    await sendSignal(container, this.options.warden, number);
    this.options.lifecycle.emit(container, 'kill', { signal: String(number) });
    await exit;
  }

  async pause(caller: Caller, id: string): Promise<void> {
    const container = this.find(caller, id);
    if (container.state.status === 'paused')
      throw new EngineError(409, 'paused', `Container ${container.id} is already paused`);
    if (!container.alive)
      throw new EngineError(409, 'not-running', `Container ${container.id} is not running`);
    await this.options.warden.freeze(container.id, true);
    this.setFrozen(container, 'paused', 'pause');
  }

  async unpause(caller: Caller, id: string): Promise<void> {
    const container = this.find(caller, id);
    if (container.state.status !== 'paused')
      throw new EngineError(409, 'not-paused', `Container ${container.id} is not paused`);
    await this.options.warden.freeze(container.id, false);
    this.setFrozen(container, 'running', 'unpause');
  }

  private setFrozen(container: Container, status: 'paused' | 'running', action: string): void {
    if (!container.alive) return;
    container.state = { ...container.state, status };
    this.options.store.saveState(container.id, container.state, 'relaxed');
    this.options.lifecycle.emit(container, action, {});
  }

  async remove(caller: Caller, id: string, options: { force: boolean; volumes: boolean }): Promise<void> {
    const container = this.find(caller, id);
    const { lifecycle, execs } = this.options;
    if (container.starting !== undefined) await container.starting.catch(() => undefined);
    if (container.removed) return;
    if (container.removing !== undefined) {
      if (!options.force)
        throw new EngineError(409, 'removing', `removal of container ${id} is already in progress`);
    } else if (container.alive) {
      if (!options.force) {
        throw new EngineError(
          409,
          'running',
          `cannot remove container "/${container.record.name}": container is ${container.state.status}: stop the container before removing or force remove`,
        );
      }
      container.state = { ...container.state, stoppedByUser: true };
      await killAndWait(container, this.options.warden);
    }
    await lifecycle.remove(container, { volumes: options.volumes });
    execs.forget(container);
  }

  async rename(caller: Caller, id: string, name: string): Promise<void> {
    const container = this.find(caller, id);
    const bare = checkName(name);
    if (bare === container.record.name)
      throw new EngineError(400, 'same-name', 'Renaming a container with the same name as its current name');
    const release = this.options.registry.reserve(container.record.ownerUid, bare);
    try {
      const oldName = container.record.name;
      const record = { ...container.record, name: bare };
      this.options.store.saveRecord(record);
      container.record = record;
      const endpoint = this.options.networks.store.endpointOf(container.id);
      if (endpoint !== undefined) this.options.networks.writeNames(endpoint.networkId);
      this.options.lifecycle.emit(container, 'rename', { oldName: `/${oldName}` });
    } finally {
      release();
    }
    return Promise.resolve();
  }

  async update(caller: Caller, id: string, body: ContainerUpdate): Promise<{ Warnings: string[] | null }> {
    const container = this.find(caller, id);
    judgeUpdate(caller, body);
    const { hostConfig, limitsChanged } = updatedHostConfig(container.record.hostConfig, body);
    const { maxProcesses } = this.options;
    const limits = withinQuota(
      resourcesOf(hostConfig, availableParallelism()),
      container.record.caller.admin,
      maxProcesses,
    );
    if (container.alive && limitsChanged) await this.options.warden.updateResources(container.id, limits);
    container.record = { ...container.record, hostConfig };
    this.options.store.saveRecord(container.record);
    this.options.lifecycle.emit(container, 'update', {});
    return { Warnings: null };
  }

  /** Before the start, and while the terminal is still being made, it is remembered. */
  async resize(caller: Caller, id: string, height: number, width: number): Promise<void> {
    const container = this.find(caller, id);
    if (container.alive) await this.options.lifecycle.resize(container, height, width);
    else container.pendingSize = [height, width];
  }

  wait(
    caller: Caller,
    id: string,
    condition: WaitCondition,
    signal: AbortSignal,
  ): { readonly exit: Promise<WaitResponse> } {
    const container = this.find(caller, id);
    const over =
      !container.alive && container.starting === undefined && container.state.status !== 'restarting';
    if (condition === 'not-running' && over) return { exit: Promise.resolve(container.exitResponse) };
    return { exit: container.waitFor(condition === 'removed' ? 'removed' : 'exit', signal) };
  }

  async attach(caller: Caller, id: string, request: AttachRequest): Promise<AttachStream> {
    const container = this.find(caller, id);
    const attached = await attachTo(
      container,
      request,
      this.options.instance.containerDirectory(container.id),
    );
    this.options.lifecycle.emit(container, 'attach', {});
    return attached;
  }

  async logs(
    caller: Caller,
    id: string,
    request: LogRequest,
  ): Promise<{ readonly tty: boolean; readonly stream: Readable }> {
    const container = this.find(caller, id);
    return Promise.resolve(
      containerLogs(container, request, this.options.instance.containerDirectory(container.id)),
    );
  }

  async inspect(caller: Caller, id: string, size: boolean): Promise<ContainerInspect> {
    const container = this.find(caller, id);
    return inspectContainer(
      container,
      this.options.instance,
      this.options.networks.store,
      size ? await containerSizes(container, this.options) : undefined,
    );
  }

  async list(
    caller: Caller,
    query: { all: boolean; limit: number; size: boolean; filters: Filters },
  ): Promise<ContainerSummary[]> {
    const { registry, networks } = this.options;
    const everyState =
      query.all || query.limit > 0 || query.filters.has('status') || query.filters.has('exited');
    const find = (reference: string) => registry.find(caller, reference);
    const found = registry
      .visible(caller)
      .filter((container) => everyState || container.alive || container.state.status === 'restarting')
      .filter((container) => matchesContainer(container, query.filters, find))
      .reverse();
    const shown = query.limit > 0 ? found.slice(0, query.limit) : found;
    return Promise.all(
      shown.map(async (container) =>
        summarizeContainer(
          container,
          networks.store,
          query.size ? await containerSizes(container, this.options) : undefined,
        ),
      ),
    );
  }

  async top(caller: Caller, id: string, psArgs: string): Promise<ContainerTop> {
    const container = this.find(caller, id);
    container.requireAlive();
    const range = this.options.ranges.of(container.record.ownerUid);
    const inside = (hostUid: number) =>
      hostUid >= range.base && hostUid < range.base + range.size ? hostUid - range.base : hostUid;
    return processTable(await container.monitor.processes(), psArgs, inside);
  }

  async stats(caller: Caller, id: string, previous: ContainerStats | undefined): Promise<ContainerStats> {
    return sampleStats(this.find(caller, id), this.options.warden, previous);
  }

  async prune(
    caller: Caller,
    filters: Filters,
  ): Promise<{ ContainersDeleted: string[]; SpaceReclaimed: number }> {
    return pruneContainers(caller, filters, this.options);
  }

  async execCreate(caller: Caller, id: string, body: ExecCreate): Promise<{ Id: string }> {
    return Promise.resolve(this.options.execs.create(caller, id, body));
  }
  execStart(caller: Caller, execId: string, body: ExecStart): Promise<AttachStream | 'detached'> {
    return this.options.execs.start(caller, execId, body);
  }
  execResize(caller: Caller, execId: string, height: number, width: number): Promise<void> {
    return this.options.execs.resize(caller, execId, height, width);
  }
  execInspect(caller: Caller, execId: string): ExecInspect {
    return this.options.execs.inspect(caller, execId);
  }

  async connect(caller: Caller, id: string, target: { port: number } | { path: string }): Promise<Duplex> {
    return connectInto(this.find(caller, id), target);
  }
  async publish(caller: Caller, id: string, port: PublishRequest): Promise<PublishedPort> {
    return publishPort(caller, this.find(caller, id), port, this.options.store);
  }
  async unpublish(caller: Caller, id: string, port: PublishedPort): Promise<void> {
    await unpublishPort(this.find(caller, id), port, this.options.store);
  }

  trace(caller: Caller, id: string): ContainerTrace {
    const container = this.find(caller, id);
    return { Id: container.id, Steps: [...container.state.trace] };
  }

  async own(caller: Caller, id: string): Promise<{ changed: number }> {
    const container = this.find(caller, id);
    return { changed: await ownBinds(container, this.options.warden, this.options.ranges) };
  }

  private find(caller: Caller, id: string): Container {
    return this.options.registry.find(caller, id);
  }
}
