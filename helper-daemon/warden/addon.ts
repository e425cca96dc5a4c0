/** The native addon, `dist/lib/berth.node`: what Node cannot do itself (native/addon/README.md is the contract). */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What every failure of the addon looks like; `syscall` and `errno` (negative) only where a system call failed. */
export interface AddonError extends Error {
  readonly code: string;
  readonly syscall?: string;
  readonly errno?: number;
}

export interface PeerCredentials {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  /** Supplementary groups, as the kernel knew them when the peer connected. */
  readonly groups: number[];
}

/** One seqpacket connection that carries descriptors; messages over 64 KiB are whole for the caller (PROTOCOL.md). */
export interface Channel {
  /**
   * Descriptors are duplicated: the caller keeps, and closes, its own.
   * @param data `u32 requestId, u16 verb, fields`
   * @throws AddonError `EPIPE` when the other end is gone, `ENOBUFS` when it does not read
   */
  send(data: Buffer, fds?: readonly number[]): void;
  /** Closes without calling onClose. */
  close(): void;
  ref(): void;
  unref(): void;
}

export interface LayerTotals {
  /** `sha256:<hex>` of the compressed input. */
  readonly digest: string;
  /** `sha256:<hex>` of the output. */
  readonly diffId: string;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** Hashes, inflates, hashes and writes on a thread of its own. */
export interface LayerStream {
  /**
   * Resolves when there is room for more; one write at a time. The bytes are copied.
   * @throws AddonError `layer-invalid`, `layer-too-large`, `aborted`, or an errno's name when the output cannot be written
   */
  write(chunk: Uint8Array): Promise<void>;
  /** Resolves when all output is written and the output descriptor is closed; rejects as write() does. */
  finish(): Promise<LayerTotals>;
  /** Ends at once; promises that wait reject with code `aborted`. Harmless after the end. */
  abort(): void;
}

export interface LayerStreamOptions {
  readonly compression: 'gzip' | 'zstd' | 'none';
  /** Taken over: the stream closes it, also when the constructor throws for a reason other than a missing option. */
  readonly outputFd: number;
  readonly maxOutputBytes: number;
}

export interface Addon {
  /** Of a connected unix socket. */
  peerCredentials(fd: number): PeerCredentials;
  /** A seqpacket pair, both ends close-on-exec; `parent` is non-blocking and fit for a Channel, `child` for a spawned process. */
  socketPair(): { parent: number; child: number };
  /**
   * A connected seqpacket socket, fit for a Channel.
   * @throws AddonError `ENOENT`, `ECONNREFUSED` when nobody listens, `EAGAIN` when the listener is busy with too many others
   */
  connectSeqpacket(path: string): number;
  /** Takes the descriptor over. `onClose` gets no error when the other end closed in order. Received descriptors are the callback's to close. */
  readonly Channel: new (
    fd: number,
    onMessage: (data: Buffer, fds: number[]) => void,
    onClose: (error?: AddonError) => void,
  ) => Channel;
  readonly LayerStream: new (options: LayerStreamOptions) => LayerStream;
  /** A close-on-exec pipe with a buffer of 1 MiB where that is allowed. */
  pipe(): { read: number; write: number };
  closeFd(fd: number): void;
  /**
   * Creates the file if missing and locks it until the returned descriptor is closed.
   * @throws AddonError `EWOULDBLOCK` when another process holds it
   */
  flock(path: string): number;
}

const fileName = 'berth.node';

/** Beside the running bundle; from the sources (tests), in the build output of the project they lie in. */
function findAddon(): string {
  const beside = join(__dirname, fileName);
  if (existsSync(beside)) return beside;
  for (let directory = __dirname; ; directory = dirname(directory)) {
    const built = join(directory, 'dist', 'lib', fileName);
    if (existsSync(built)) return built;
    if (dirname(directory) === directory) break;
  }
  throw new Error(
    `${beside} is missing: the installation is incomplete; install Berth again, or in a checkout run npm run build`,
  );
}

let loaded: Addon | undefined;

/** Loads the addon at its first use. What needs it takes an `Addon` as a parameter, so that this is called in one place. */
export function loadAddon(path: string = findAddon()): Addon {
  if (loaded !== undefined) return loaded;
  const target: { exports: unknown } = { exports: {} };
  // Not require(): the bundler must leave the path alone.
  process.dlopen(target, path);
  loaded = target.exports as Addon;
  return loaded;
}

/** The same, loaded when one of its members is first touched: fit for parameters' defaults and for main.ts. */
export const addon: Addon = {
  get Channel() {
    return loadAddon().Channel;
  },
  get LayerStream() {
    return loadAddon().LayerStream;
  },
  peerCredentials: (fd) => loadAddon().peerCredentials(fd),
  socketPair: () => loadAddon().socketPair(),
  connectSeqpacket: (path) => loadAddon().connectSeqpacket(path),
  pipe: () => loadAddon().pipe(),
  closeFd: (fd) => loadAddon().closeFd(fd),
  flock: (path) => loadAddon().flock(path),
};
