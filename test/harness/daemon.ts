/**
 * A real helper for tests: dist/bin/berthd as root with a root directory, run directory and socket of its own.
 * Several run side by side. What a test leaves in it is removed at stop(), and stop() fails when anything survives.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const bin = (name: string) => join(projectRoot, 'dist', 'bin', name);

export interface TestDaemon {
  /** Holds root/, run/ and whatever the test wants to keep beside them. */
  readonly directory: string;
  readonly root: string;
  readonly run: string;
  readonly socket: string;
  /** Environment for clients: DOCKER_HOST and BERTH_HOST point at this helper, no configuration of the machine's user is seen. */
  readonly env: NodeJS.ProcessEnv;
  pid(): number;
  wardenPid(): number;
  /** What the helper wrote to stderr so far, all its lives together. */
  log(): string;
  /** SIGKILL; resolves when the process is gone. */
  kill9(): Promise<void>;
  /** Starts it again on the same directories. */
  start(): Promise<void>;
  /** SIGTERM, which leaves containers running; resolves when the process is gone. */
  terminate(): Promise<void>;
  /** Removes every container, ends the helper, removes its directory, and throws if a process, mount, control group or interface is left. */
  stop(): Promise<void>;
}

export interface DaemonOptions {
  readonly config?: object;
  readonly arguments?: readonly string[];
  /** What starts it, for a helper with less than root's power: a program that becomes the one it is given. */
  readonly under?: readonly string[];
  /** Where its directories are made; default: the system's temporary folder. */
  readonly parent?: string;
  readonly logLevel?: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request to a helper's socket, without the client library under test. */
export function call(socket: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
    const outgoing = request({ socketPath: socket, method, path, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

/** Waits until `probe` answers true; throws with `what` after `milliseconds`. */
export async function eventually(
  what: string,
  probe: () => boolean | Promise<boolean>,
  milliseconds = 20_000,
): Promise<void> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    if (await probe()) return;
    if (performance.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await delay(20);
  }
}

/** Pids whose command line mentions `text`. */
export function processesMentioning(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text);
      } catch {
        return false; // it ended meanwhile
      }
    })
    .map(Number);
}

const controllers = [
  'memory',
  'cpu',
  'cpuacct',
  'cpuset',
  'pids',
  'devices',
  'freezer',
  'blkio',
  'unified',
  '',
];

/** Control groups of the instance with this root directory, its own parents too, in every hierarchy. */
export function controlGroups(root: string): string[] {
  const instance = createHash('sha256').update(root).digest('hex').slice(0, 8);
  return controllers
    .map((controller) => join('/sys/fs/cgroup', controller, 'berth', instance))
    .flatMap((path) => {
      try {
        const entries = readdirSync(path, { withFileTypes: true });
        return [
          path,
          ...entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name)),
        ];
      } catch {
        return []; // it is not there, or no longer
      }
    });
}

export async function startDaemon(options: DaemonOptions = {}): Promise<TestDaemon> {
  const directory = mkdtempSync(join(options.parent ?? '/tmp', 'berth-test-'));
  const root = join(directory, 'root');
  const run = join(directory, 'run');
  const socket = join(run, 'berth.sock');
  /** What the names of this helper's interfaces begin with: other helpers on the machine have their own. */
  const interfaces = new Set<string>();
  let child: ChildProcess | undefined;
  let text = '';
  const { chmodSync, writeFileSync } = await import('node:fs');
  chmodSync(directory, 0o755);
  const config = join(directory, 'config.json');
  writeFileSync(config, JSON.stringify(options.config ?? {}));

  const ended = (process_: ChildProcess) =>
    process_.exitCode !== null || process_.signalCode !== null
      ? Promise.resolve()
      : new Promise<void>((resolve) => process_.once('exit', () => resolve()));

  const start = async () => {
    const [program = bin('berthd'), ...words] =
      options.under === undefined ? [] : [...options.under, bin('berthd')];
    const started = spawn(
      program,
      [
        ...words,
        '--root',
        root,
        '--run',
        run,
        '--socket',
        socket,
        '--config',
        config,
        '--log-level',
        options.logLevel ?? 'debug',
        ...(options.arguments ?? []),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    child = started;
    started.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await eventually(`the helper answers on ${socket}`, async () => {
      if (started.exitCode !== null || started.signalCode !== null)
        throw new Error(`the helper ended at start:\n${text.slice(-4000)}`);
      return (
        existsSync(socket) &&
        (await call(socket, 'GET', '/_ping').then(
          (answer) => answer.status === 200,
          () => false,
        ))
      );
    }).catch((error: unknown) => {
      started.kill('SIGKILL');
      throw error instanceof Error ? new Error(`${error.message}\n${text.slice(-4000)}`) : error;
    });
  };

  const running = () => {
    if (child?.pid === undefined) throw new Error('the helper is not running');
    return child;
  };

  const end = async (signal: NodeJS.Signals) => {
    const process_ = running();
    process_.kill(signal);
    await ended(process_);
    child = undefined;
  };

  const removeContainers = async () => {
    if (child === undefined) await start();
    const list = await call(socket, 'GET', '/containers/json?all=1');
    if (list.status !== 200) throw new Error(`cannot list containers at the end of the test: ${list.body}`);
    for (const container of JSON.parse(list.body) as { Id: string }[]) {
      interfaces.add(`bv${container.Id.slice(0, 8)}`);
      const answer = await call(socket, 'DELETE', `/containers/${container.Id}?force=1&v=1`);
      if (![204, 404].includes(answer.status))
        throw new Error(`cannot remove a container at the end of the test: ${answer.body}`);
    }
    const networks = JSON.parse((await call(socket, 'GET', '/networks')).body) as {
      Id: string;
      Name: string;
    }[];
    for (const { Id } of networks)
      interfaces.add(`br-${createHash('sha256').update(`${root}:${Id}`).digest('hex').slice(0, 8)}`);
    for (const network of networks.filter((each) => !['bridge', 'host', 'none'].includes(each.Name)))
      await call(socket, 'DELETE', `/networks/${network.Id}`);
  };

  const leftovers = () => [
    ...processesMentioning(directory).map((pid) => `process ${pid}`),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`${directory}/`))
      .map((line) => `mount ${line}`),
    ...controlGroups(root).map((path) => `control group ${path}`),
    ...readdirSync('/sys/class/net')
      .filter((name) => [...interfaces].some((start) => name.startsWith(start)))
      .map((name) => `interface ${name}`),
  ];

  await start();
  return {
    directory,
    root,
    run,
    socket,
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      LANG: 'C.UTF-8',
      DOCKER_HOST: `unix://${socket}`,
      BERTH_HOST: `unix://${socket}`,
      DOCKER_CONFIG: join(directory, 'docker'),
    },
    pid: () => running().pid ?? 0,
    wardenPid: () => {
      const pid = String(running().pid);
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter(Boolean);
      const warden = children.find((each) =>
        readFileSync(`/proc/${each}/cmdline`, 'latin1').includes('berth-warden'),
      );
      if (warden === undefined) throw new Error('the helper has no warden');
      return Number(warden);
    },
    log: () => text,
    kill9: () => end('SIGKILL'),
    terminate: () => end('SIGTERM'),
    start,
    stop: async () => {
      try {
        await removeContainers();
        await end('SIGTERM');
        await eventually('nothing is left of the helper', () => leftovers().length === 0, 10_000).catch(
          () => {
            throw new Error(`left behind:\n${leftovers().join('\n')}\n${text.slice(-3000)}`);
          },
        );
      } finally {
        child?.kill('SIGKILL');
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}
