import type { Duplex, Readable } from 'node:stream';
import { z } from 'zod';
import * as wire from '../../protocol/docker';
import type { EngineHttp } from './http';
import { jsonLines } from './json-lines';
import { encodeFilters, type Filters } from './query';
import type { AttachedStream, OutputStream } from './stdcopy';

export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

export interface AttachOptions extends Abortable {
  readonly stdin?: boolean;
  /** Both default to true. */
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  /** Replay what the log holds first. */
  readonly logs?: boolean;
  /** Docker's notation, such as `ctrl-p,ctrl-q` (the default). */
  readonly detachKeys?: string | undefined;
}

export interface LogOptions extends Abortable {
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  readonly tail?: number | 'all';
  /** Unix seconds, possibly fractional. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** Whether a stream is raw, told by the answer's content type. */
export function isRaw(contentType: string | undefined): boolean {
  return contentType?.startsWith('application/vnd.docker.raw-stream') === true;
}

/** Everything about containers. Each method rejects with EngineRequestError or EngineUnavailableError; `id` is an id, its prefix, or a name. */
export class Containers {
  constructor(private readonly http: EngineHttp) {}

  create(
    body: wire.ContainerCreate,
    options: Abortable & { name?: string | undefined; platform?: string | undefined } = {},
  ): Promise<wire.ContainerCreated> {
    const { signal, name, platform } = options;
    return this.http.json(wire.containerCreated, {
      method: 'POST',
      path: '/containers/create',
      query: { name, platform },
      body,
      signal,
    });
  }

  /** False when it was running already. */
  async start(id: string, options: Abortable = {}): Promise<boolean> {
    return (await this.#post(id, 'start', {}, options.signal)) !== 304;
  }

  /** Sends the stop signal, after `timeoutSeconds` (-1: never) SIGKILL. False when it was not running. */
  async stop(
    id: string,
    options: Abortable & { timeoutSeconds?: number | undefined; stopSignal?: string | undefined } = {},
  ): Promise<boolean> {
    const query = { t: options.timeoutSeconds, signal: options.stopSignal };
    return (await this.#post(id, 'stop', query, options.signal)) !== 304;
  }

  async restart(
    id: string,
    options: Abortable & { timeoutSeconds?: number | undefined; stopSignal?: string | undefined } = {},
  ): Promise<void> {
    await this.#post(
      id,
      'restart',
      { t: options.timeoutSeconds, signal: options.stopSignal },
      options.signal,
    );
  }

  /** `name` as in SIGTERM, TERM or 15; the default is KILL. */
  async kill(id: string, name?: string, options: Abortable = {}): Promise<void> {
    await this.#post(id, 'kill', { signal: name }, options.signal);
  }

  async pause(id: string, options: Abortable = {}): Promise<void> {
    await this.#post(id, 'pause', {}, options.signal);
  }

  async unpause(id: string, options: Abortable = {}): Promise<void> {
    await this.#post(id, 'unpause', {}, options.signal);
  }

  async remove(id: string, options: Abortable & { force?: boolean; volumes?: boolean } = {}): Promise<void> {
    await this.http.done({
      method: 'DELETE',
      path: `/containers/${encodeURIComponent(id)}`,
      query: { force: options.force, v: options.volumes },
      signal: options.signal,
    });
  }

  async rename(id: string, name: string, options: Abortable = {}): Promise<void> {
    await this.#post(id, 'rename', { name }, options.signal);
  }

  update(
    id: string,
    body: wire.ContainerUpdate,
    options: Abortable = {},
  ): Promise<{ Warnings?: string[] | null | undefined }> {
    return this.http.json(z.object({ Warnings: z.array(z.string()).nullish() }), {
      method: 'POST',
      path: `/containers/${encodeURIComponent(id)}/update`,
      body,
      signal: options.signal,
    });
  }

  list(
    options: Abortable & {
      all?: boolean;
      limit?: number | undefined;
      size?: boolean;
      filters?: Filters;
    } = {},
  ): Promise<wire.ContainerSummary[]> {
    const { all, limit, size, filters, signal } = options;
    return this.http.json(z.array(wire.containerSummary), {
      method: 'GET',
      path: '/containers/json',
      query: { all, limit, size, filters: encodeFilters(filters) },
      signal,
    });
  }

  inspect(id: string, options: Abortable & { size?: boolean } = {}): Promise<wire.ContainerInspect> {
    return this.#get(wire.containerInspect, id, 'json', { size: options.size }, options.signal);
  }

  /**
   * Resolves when the helper has registered the wait, so that no exit after that moment is missed; `exit` settles later.
   * Waiting for `next-exit` before `start` catches a process that ends at once; `removed` is for containers with AutoRemove.
   */
  async wait(
    id: string,
    options: Abortable & { condition?: WaitCondition } = {},
  ): Promise<{ readonly exit: Promise<wire.WaitResponse> }> {
    const registered = await this.http.open({
      method: 'POST',
      path: `/containers/${encodeURIComponent(id)}/wait`,
      query: { condition: options.condition },
      signal: options.signal,
    });
    return { exit: this.http.decode(wire.waitResponse, registered, `wait for ${id}`) };
  }

  /** Joins the container's streams; output is buffered from this moment, also before `start`. */
  async attach(id: string, options: AttachOptions = {}): Promise<AttachedStream> {
    const { stream, contentType } = await this.http.upgrade({
      method: 'POST',
      path: `/containers/${encodeURIComponent(id)}/attach`,
      query: {
        stream: true,
        stdin: options.stdin ?? false,
        stdout: options.stdout ?? true,
        stderr: options.stderr ?? true,
        logs: options.logs ?? false,
        detachKeys: options.detachKeys,
      },
      signal: options.signal,
    });
    return { tty: isRaw(contentType), stream };
  }

  async logs(id: string, options: LogOptions = {}): Promise<OutputStream> {
    const answer = await this.http.open({
      method: 'GET',
      path: `/containers/${encodeURIComponent(id)}/logs`,
      query: {
        stdout: options.stdout ?? true,
        stderr: options.stderr ?? true,
        follow: options.follow,
        timestamps: options.timestamps,
        tail: options.tail === 'all' ? undefined : options.tail,
        since: options.since,
        until: options.until,
      },
      signal: options.signal,
    });
    return { tty: isRaw(answer.headers['content-type']), stream: answer satisfies Readable };
  }

  async resize(id: string, size: { rows: number; columns: number }, options: Abortable = {}): Promise<void> {
    await this.#post(id, 'resize', { h: size.rows, w: size.columns }, options.signal);
  }

  top(id: string, psArguments?: string, options: Abortable = {}): Promise<wire.ContainerTop> {
    return this.#get(wire.containerTop, id, 'top', { ps_args: psArguments }, options.signal);
  }

  /** One sample, with the one before it in `precpu_stats`. */
  stats(id: string, options: Abortable = {}): Promise<wire.ContainerStats> {
    return this.#get(wire.containerStats, id, 'stats', { stream: false }, options.signal);
  }

  /** A sample a second until the signal aborts or the container is gone. */
  async *watchStats(
    id: string,
    options: Abortable = {},
  ): AsyncGenerator<wire.ContainerStats, void, undefined> {
    const answer = await this.http.open({
      method: 'GET',
      path: `/containers/${encodeURIComponent(id)}/stats`,
      query: { stream: true },
      signal: options.signal,
    });
    for await (const sample of jsonLines(answer)) yield wire.containerStats.parse(sample);
  }

  prune(
    options: Abortable & { filters?: Filters } = {},
  ): Promise<{ ContainersDeleted?: string[] | null | undefined; SpaceReclaimed: number }> {
    return this.http.json(
      z.object({ ContainersDeleted: z.array(z.string()).nullish(), SpaceReclaimed: z.number() }),
      {
        method: 'POST',
        path: '/containers/prune',
        query: { filters: encodeFilters(options.filters) },
        signal: options.signal,
      },
    );
  }

  /** What happened from create to exec, with the engine's own clock. */
  trace(id: string, options: Abortable = {}): Promise<wire.ContainerTrace> {
    return this.http.json(wire.containerTrace, {
      method: 'GET',
      path: `/berth/v1/containers/${encodeURIComponent(id)}/trace`,
      signal: options.signal,
    });
  }

  /** Publishes a port of a running container on 127.0.0.1; it stays when the helper restarts. */
  publish(id: string, port: wire.PublishRequest, options: Abortable = {}): Promise<wire.PublishedPort> {
    return this.http.json(wire.publishedPort, {
      method: 'POST',
      path: `/berth/v1/containers/${encodeURIComponent(id)}/ports`,
      body: port,
      signal: options.signal,
    });
  }

  async unpublish(id: string, port: wire.PublishedPort, options: Abortable = {}): Promise<void> {
    await this.http.done({
      method: 'DELETE',
      path: `/berth/v1/containers/${encodeURIComponent(id)}/ports`,
      body: port,
      signal: options.signal,
    });
  }

  /** A stream to a TCP port or unix socket inside; half-close works both ways. */
  async connect(
    id: string,
    target: { readonly port: number } | { readonly path: string },
    options: Abortable = {},
  ): Promise<Duplex> {
    const { stream } = await this.http.upgrade({
      method: 'POST',
      path: `/berth/v1/containers/${encodeURIComponent(id)}/connect`,
      query: { ...target },
      signal: options.signal,
    });
    return stream;
  }

  /** Gives files that other users of the container made in the developer's folders to the developer. */
  own(id: string, options: Abortable = {}): Promise<{ changed: number }> {
    return this.http.json(z.object({ changed: z.number() }), {
      method: 'POST',
      path: `/berth/v1/containers/${encodeURIComponent(id)}/own`,
      signal: options.signal,
    });
  }

  #post(
    id: string,
    verb: string,
    query: Record<string, string | number | undefined>,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    return this.http.done({
      method: 'POST',
      path: `/containers/${encodeURIComponent(id)}/${verb}`,
      query,
      signal,
    });
  }

  #get<T>(
    schema: z.ZodType<T>,
    id: string,
    noun: string,
    query: Record<string, string | boolean | undefined>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return this.http.json(schema, {
      method: 'GET',
      path: `/containers/${encodeURIComponent(id)}/${noun}`,
      query,
      signal,
    });
  }
}
