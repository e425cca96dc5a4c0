/**
 * What the HTTP layer asks of the rooms behind it. `api/` knows HTTP and Docker's wording; the implementations
 * (containers/, images/, networks/, volumes/) know nothing of HTTP. `main.ts` puts the two together.
 *
 * Bodies and answers are the Docker Engine API's own shapes, typed in `protocol/`.
 */
import type { Duplex, Readable, Writable } from 'node:stream';
import type * as wire from '../../protocol/docker';

/** Who calls, asked of the kernel when the connection was accepted (SO_PEERCRED, SO_PEERGROUPS). */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly pid: number;
  /** uid 0 or a member of the administrators' group. Everybody else is confined. */
  readonly admin: boolean;
}

/** One line of a JSON progress stream, without its line end. */
export type Progress = (line: wire.ProgressLine) => void;

export interface AttachRequest {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Replay what the log already holds, then go on (`logs=1`). */
  readonly logs: boolean;
  /** Go on with live output (`stream=1`). */
  readonly stream: boolean;
  readonly detachKeys: string | undefined;
}

export interface LogRequest {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** Number of lines from the end, or 'all'. */
  readonly tail: number | 'all';
  /** Unix seconds, possibly fractional; 0 = from the beginning. */
  readonly since: number;
  readonly until: number | undefined;
  readonly signal: AbortSignal;
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

/**
 * The stream of an attach or exec: on a tty raw bytes, else stdcopy frames; what is written to it is stdin as raw bytes,
 * its end is stdin's end. It ends when all output has been delivered. The HTTP layer only joins it to the client's connection.
 */
export interface AttachStream {
  readonly tty: boolean;
  readonly stream: Duplex;
}

export interface ContainerService {
  create(
    caller: Caller,
    name: string | undefined,
    platform: string | undefined,
    body: wire.ContainerCreate,
  ): Promise<wire.ContainerCreated>;
  start(caller: Caller, id: string): Promise<'started' | 'already-started'>;
  stop(
    caller: Caller,
    id: string,
    timeoutSeconds: number | undefined,
    signal: string | undefined,
  ): Promise<'stopped' | 'already-stopped'>;
  restart(caller: Caller, id: string, timeoutSeconds: number | undefined): Promise<void>;
  kill(caller: Caller, id: string, signal: string | undefined): Promise<void>;
  pause(caller: Caller, id: string): Promise<void>;
  unpause(caller: Caller, id: string): Promise<void>;
  remove(caller: Caller, id: string, options: { force: boolean; volumes: boolean }): Promise<void>;
  rename(caller: Caller, id: string, name: string): Promise<void>;
  update(caller: Caller, id: string, body: wire.ContainerUpdate): Promise<{ Warnings: string[] | null }>;
  resize(caller: Caller, id: string, height: number, width: number): Promise<void>;
  /** Registers at once; the promise of `exit` settles later. Throws for an unknown container. */
  wait(
    caller: Caller,
    id: string,
    condition: WaitCondition,
    signal: AbortSignal,
  ): { readonly exit: Promise<wire.WaitResponse> };
  attach(caller: Caller, id: string, request: AttachRequest): Promise<AttachStream>;
  /** stdcopy frames, or raw bytes for a tty container. */
  logs(
    caller: Caller,
    id: string,
    request: LogRequest,
  ): Promise<{ readonly tty: boolean; readonly stream: Readable }>;
  inspect(caller: Caller, id: string, size: boolean): Promise<wire.ContainerInspect>;
  list(
    caller: Caller,
    query: { all: boolean; limit: number; size: boolean; filters: Filters },
  ): Promise<wire.ContainerSummary[]>;
  top(caller: Caller, id: string, psArgs: string): Promise<wire.ContainerTop>;
  /** One sample; `previous` is what `precpu_stats` shows. */
  stats(caller: Caller, id: string, previous: wire.ContainerStats | undefined): Promise<wire.ContainerStats>;
  prune(caller: Caller, filters: Filters): Promise<{ ContainersDeleted: string[]; SpaceReclaimed: number }>;

  execCreate(caller: Caller, id: string, body: wire.ExecCreate): Promise<{ Id: string }>;
  execStart(caller: Caller, execId: string, body: wire.ExecStart): Promise<AttachStream | 'detached'>;
  execResize(caller: Caller, execId: string, height: number, width: number): Promise<void>;
  execInspect(caller: Caller, execId: string): wire.ExecInspect;

  /** `/berth/v1`: a stream to a TCP port or unix socket inside. */
  connect(caller: Caller, id: string, target: { port: number } | { path: string }): Promise<Duplex>;
  /** `/berth/v1`: publishes a port of a running container on 127.0.0.1; it outlives the daemon. */
  publish(caller: Caller, id: string, port: wire.PublishRequest): Promise<wire.PublishedPort>;
  unpublish(caller: Caller, id: string, port: wire.PublishedPort): Promise<void>;
  /** `/berth/v1`: what happened, with real figures, from create to exec. */
  trace(caller: Caller, id: string): wire.ContainerTrace;
  /** `/berth/v1`: gives files that other container users made in developer binds to the developer. Returns how many changed. */
  own(caller: Caller, id: string): Promise<{ changed: number }>;
}

export interface ImageService {
  /** Ends after the last line. A failure before the first line is thrown; after it, it is thrown too and the HTTP layer turns it into the last line. */
  pull(
    caller: Caller,
    request: {
      reference: string;
      platform: string | undefined;
      auth: wire.RegistryAuth | undefined;
      signal: AbortSignal;
    },
    progress: Progress,
  ): Promise<void>;
  /** `docker import`: a tar becomes a one-layer image. Returns its id. */
  importTar(
    caller: Caller,
    request: {
      repo: string | undefined;
      tag: string | undefined;
      message: string | undefined;
      changes: string[];
      source: Readable;
      signal: AbortSignal;
    },
    progress: Progress,
  ): Promise<string>;
  list(caller: Caller, query: { all: boolean; filters: Filters }): Promise<wire.ImageSummary[]>;
  inspect(caller: Caller, name: string): Promise<wire.ImageInspect>;
  history(caller: Caller, name: string): Promise<wire.ImageHistory[]>;
  tag(caller: Caller, name: string, repo: string, tag: string | undefined): Promise<void>;
  remove(
    caller: Caller,
    name: string,
    options: { force: boolean; noprune: boolean },
  ): Promise<wire.ImageDeleted[]>;
  prune(
    caller: Caller,
    filters: Filters,
  ): Promise<{ ImagesDeleted: wire.ImageDeleted[] | null; SpaceReclaimed: number }>;
  auth(request: wire.AuthRequest, signal: AbortSignal): Promise<{ Status: string; IdentityToken: string }>;
  /** `/berth/v1/images/{id}/layers`. */
  layers(caller: Caller, name: string): Promise<wire.ImageLayer[]>;

  /** For containers/: what a container is made of. Throws `no such image` (404). Takes a lease until `release`. */
  resolve(caller: Caller, name: string): Promise<ResolvedImage>;
  diskUsage(caller: Caller): Promise<{ LayersSize: number; Images: wire.ImageSummary[] }>;
  count(caller: Caller): number;
}

export interface ResolvedImage {
  /** `sha256:…` of the image's configuration. */
  readonly id: string;
  /** As the user named it, for `Config.Image`. */
  readonly name: string;
  readonly config: wire.ImageConfig;
  /** Directories of the layers, bottom first, ready to be united. */
  readonly layers: readonly string[];
  /** Ends the lease: to be called once a container's row names the image, or when nothing came of it. Harmless when called again. */
  release(): void;
}

export interface NetworkService {
  list(caller: Caller, filters: Filters): Promise<wire.NetworkInspect[]>;
  inspect(caller: Caller, name: string): Promise<wire.NetworkInspect>;
  create(caller: Caller, body: wire.NetworkCreate): Promise<{ Id: string; Warning: string }>;
  remove(caller: Caller, name: string): Promise<void>;
  connect(caller: Caller, network: string, body: wire.NetworkConnect): Promise<void>;
  disconnect(caller: Caller, network: string, body: wire.NetworkDisconnect): Promise<void>;
  prune(caller: Caller, filters: Filters): Promise<{ NetworksDeleted: string[] }>;
}

export interface VolumeService {
  list(caller: Caller, filters: Filters): Promise<wire.VolumeList>;
  create(caller: Caller, body: wire.VolumeCreate): Promise<wire.VolumeInspect>;
  inspect(caller: Caller, name: string): Promise<wire.VolumeInspect>;
  remove(caller: Caller, name: string, force: boolean): Promise<void>;
  prune(caller: Caller, filters: Filters): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }>;
}

export interface SystemService {
  version(): wire.Version;
  info(caller: Caller): Promise<wire.Info>;
  diskUsage(caller: Caller): Promise<wire.DiskUsage>;
  /** `/berth/v1/doctor`: each check with what, why and what next. */
  doctor(caller: Caller): Promise<wire.DoctorReport>;
}

/** Docker's `filters`, both shapes normalised: key → values. */
export type Filters = ReadonlyMap<string, readonly string[]>;

export interface EventSource {
  /** Events the caller may see; `since`/`until` in Unix seconds. Replays recent `start` events as docker-engine-api.md §9.2 asks. */
  subscribe(
    caller: Caller,
    query: { since: number | undefined; until: number | undefined; filters: Filters; signal: AbortSignal },
    deliver: (event: wire.EventMessage) => void,
  ): void;
}

export interface Services {
  readonly containers: ContainerService;
  readonly images: ImageService;
  readonly networks: NetworkService;
  readonly volumes: VolumeService;
  readonly system: SystemService;
  readonly events: EventSource;
}

/** A sink for progress that is a stream; kept here so that both sides agree on it. */
export type ByteSink = Writable;
