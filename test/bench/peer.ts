/** Debian's dockerd as the peer, with directories and a socket of its own. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { call, eventually } from '../harness/daemon.ts';

export interface Peer {
  readonly version: string;
  readonly socket: string;
  readonly env: NodeJS.ProcessEnv;
  /** dockerd, containerd and shims: their pids. */
  pids(): number[];
  stop(): Promise<void>;
}

function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return [pid, ...children.flatMap(descendants)];
}

/** undefined when dockerd is not installed. */
export async function startDockerd(): Promise<Peer | undefined> {
  if (!existsSync('/usr/sbin/dockerd')) return undefined;
  const directory = mkdtempSync('/tmp/berth-bench-');
  // dockerd rewrites the host's firewall and leaves it and its bridge behind; both are put back at the end.
  const firewall = execFileSync('iptables-save');
  const bridgeWasThere = existsSync('/sys/class/net/docker0');
  const socket = join(directory, 'docker.sock');
  const child = spawn(
    '/usr/sbin/dockerd',
    [
      '--data-root',
      join(directory, 'data'),
      '--exec-root',
      join(directory, 'exec'),
      '--pidfile',
      join(directory, 'pid'),
      '-H',
      `unix://${socket}`,
      '--storage-driver',
      'overlay2',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await eventually(
    'dockerd answers',
    async () => {
      if (child.exitCode !== null) throw new Error(`dockerd ended:\n${log.slice(-3000)}`);
      return (
        existsSync(socket) &&
        (await call(socket, 'GET', '/_ping').then(
          (answer) => answer.status === 200,
          () => false,
        ))
      );
    },
    60_000,
  );
  const shims = () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        try {
          return (
            readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(`${directory}/`) &&
            readFileSync(`/proc/${name}/comm`, 'utf8').startsWith('containerd-shim')
          );
        } catch {
          return false;
        }
      })
      .map(Number);
  const { Version } = JSON.parse((await call(socket, 'GET', '/version')).body) as { Version: string };
  return {
    version: Version,
    socket,
    env: { PATH: process.env['PATH'], HOME: directory, DOCKER_HOST: `unix://${socket}` },
    pids: () => [...new Set([...descendants(child.pid ?? 0), ...shims()])],
    stop: async () => {
      child.kill('SIGTERM');
      await eventually(
        'dockerd has ended',
        () => child.exitCode !== null || child.signalCode !== null,
        60_000,
      );
      execFileSync('iptables-restore', { input: firewall });
      if (!bridgeWasThere) execFileSync('ip', ['link', 'delete', 'docker0']);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
