import * as wire from '../../protocol/docker';
import { refusalOf } from './api-version';
import { Containers, type Abortable } from './containers';
import { Execs, type ExecResult, type RunOptions, type RunningExec, type SpawnOptions } from './execs';
import { EngineHttp, readText } from './http';
import { Images } from './images';
import { jsonLines } from './json-lines';
import { Networks } from './networks';
import { encodeFilters, type Filters } from './query';
import type { Transport } from './transport';
import { Volumes } from './volumes';

/**
 * The engine as its clients see it: the Docker Engine API and `/berth/v1`, over any transport. Answers are checked against `protocol/`.
 * Every method rejects with EngineRequestError (the helper said no) or EngineUnavailableError (no helper), and takes an AbortSignal.
 */
export class EngineClient {
  readonly containers: Containers;
  readonly execs: Execs;
  readonly images: Images;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly #http: EngineHttp;

  constructor(readonly transport: Transport) {
    this.#http = new EngineHttp(transport);
    this.containers = new Containers(this.#http);
    this.execs = new Execs(this.#http);
    this.images = new Images(this.#http);
    this.networks = new Networks(this.#http);
    this.volumes = new Volumes(this.#http);
  }

  /** Runs a command in a running container to its end. */
  exec(container: string, options: RunOptions): Promise<ExecResult> {
    return this.execs.run(container, options);
  }

  /** Starts a command in a running container, with its streams. */
  spawn(container: string, options: SpawnOptions): Promise<RunningExec> {
    return this.execs.spawn(container, options);
  }

  /** The headers of `/_ping`: which API the helper serves. Sent without a version, so that helpers of any age answer. */
  async ping(options: Abortable = {}): Promise<{ apiVersion: string; server: string }> {
    const answer = await this.#http.open({
      method: 'GET',
      path: '/_ping',
      unversioned: true,
      signal: options.signal,
    });
    await readText(answer);
    const { 'api-version': version, server } = answer.headers;
    return {
      apiVersion: typeof version === 'string' ? version : '',
      server: typeof server === 'string' ? server : '',
    };
  }

  /** @throws EngineUnavailableError `too-old` with the version that it does serve */
  async version(options: Abortable = {}): Promise<wire.Version> {
    const { signal } = options;
    const answer = await this.#http.open({ method: 'GET', path: '/version', unversioned: true, signal });
    const served = answer.headers['api-version'];
    const refusal = refusalOf(typeof served === 'string' ? served : '', this.transport);
    if (refusal === undefined) return this.#http.decode(wire.version, answer, 'GET /version');
    answer.resume();
    throw refusal;
  }

  info(options: Abortable = {}): Promise<wire.Info> {
    return this.#http.json(wire.info, { method: 'GET', path: '/info', signal: options.signal });
  }

  diskUsage(options: Abortable = {}): Promise<wire.DiskUsage> {
    return this.#http.json(wire.diskUsage, { method: 'GET', path: '/system/df', signal: options.signal });
  }

  /** Checks a user name and password with their registry. */
  login(request: wire.AuthRequest, options: Abortable = {}): Promise<wire.AuthResponse> {
    return this.#http.json(wire.authResponse, {
      method: 'POST',
      path: '/auth',
      body: request,
      signal: options.signal,
    });
  }

  /** The helper's own checks, each with what, why and what next. */
  doctor(options: Abortable = {}): Promise<wire.DoctorReport> {
    return this.#http.json(wire.doctorReport, {
      method: 'GET',
      path: '/berth/v1/doctor',
      signal: options.signal,
    });
  }

  /** What the caller may do on this helper. */
  policy(options: Abortable = {}): Promise<wire.PolicyReport> {
    return this.#http.json(wire.policyReport, {
      method: 'GET',
      path: '/berth/v1/policy',
      signal: options.signal,
    });
  }

  /** Events from `since` (Unix seconds; default: now) until `until`, the end of the connection, or the signal, which ends the iteration quietly. */
  async *events(
    options: Abortable & { filters?: Filters; since?: number | undefined; until?: number | undefined } = {},
  ): AsyncGenerator<wire.EventMessage, void, undefined> {
    const { filters, since, until, signal } = options;
    try {
      const answer = await this.#http.open({
        method: 'GET',
        path: '/events',
        query: { since, until, filters: encodeFilters(filters) },
        signal,
      });
      for await (const event of jsonLines(answer)) yield wire.eventMessage.parse(event);
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  }

  /** Lets idle connections go, so that a process can end. */
  close(): void {
    this.#http.close();
  }
}
