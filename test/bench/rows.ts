/** The rows of `npm run bench`: what performance.md asks of this path. Each measures ours and the peer in turn. */
import { readFileSync } from 'node:fs';
import { call, processesMentioning, type TestDaemon } from '../harness/daemon.ts';
import { run } from '../harness/run.ts';
import { alternate, time, type Row } from './measure.ts';
import { residentMegabytes } from './memory.ts';
import type { Peer } from './peer.ts';

export interface Bench {
  readonly berth: TestDaemon;
  readonly dockerd: Peer | undefined;
  /** Image with the busybox root, imported into both. */
  readonly image: string;
  readonly runs: number;
}

type Measure = (bench: Bench) => Promise<Row>;

const docker = async (env: NodeJS.ProcessEnv, ...words: string[]) => {
  const ran = await run(['docker', ...words], { env });
  if (ran.code !== 0) throw new Error(`docker ${words.join(' ')}: ${ran.stderr}`);
  return ran.stdout.trim();
};

const peerName = (bench: Bench) => `dockerd ${bench.dockerd?.version ?? ''}`.trim();

/** The same docker CLI command against both daemons. */
const cli = (
  name: string,
  aim: number,
  words: (image: string) => string[],
  after?: (env: NodeJS.ProcessEnv, id: string) => Promise<unknown>,
): Measure => {
  const once = (env: NodeJS.ProcessEnv, image: string) => async () => {
    let output = '';
    const milliseconds = await time(async () => {
      output = await docker(env, ...words(image));
    });
    await after?.(env, output);
    return milliseconds;
  };
  return async (bench) => {
    const result = await alternate(
      bench.runs,
      once(bench.berth.env, bench.image),
      bench.dockerd && once(bench.dockerd.env, bench.image),
    );
    return { name, unit: 'ms', peer: peerName(bench), aim, runs: bench.runs, ...result };
  };
};

const remove = (env: NodeJS.ProcessEnv, id: string) => docker(env, 'rm', '-f', id);

/** create + start + wait + remove by the API, without a CLI; only the first three are timed. */
async function cycle(socket: string, image: string): Promise<number> {
  let id = '';
  const milliseconds = await time(async () => {
    const created = await call(socket, 'POST', '/v1.41/containers/create', { Image: image, Cmd: ['true'] });
    if (created.status !== 201) throw new Error(created.body);
    id = (JSON.parse(created.body) as { Id: string }).Id;
    const waiting = call(socket, 'POST', `/v1.41/containers/${id}/wait?condition=next-exit`);
    const started = await call(socket, 'POST', `/v1.41/containers/${id}/start`);
    if (started.status !== 204) throw new Error(started.body);
    await waiting;
  });
  await call(socket, 'DELETE', `/v1.41/containers/${id}`);
  return milliseconds;
}

const byApi: Measure = async (bench) => {
  const { dockerd } = bench;
  const result = await alternate(
    bench.runs,
    () => cycle(bench.berth.socket, bench.image),
    dockerd && (() => cycle(dockerd.socket, bench.image)),
  );
  return {
    name: 'create + start + wait by the API',
    unit: 'ms',
    peer: peerName(bench),
    aim: 0.06,
    runs: bench.runs,
    ...result,
  };
};

/** exec create + start until its output ends, by the API, in a running container. */
async function execOnce(socket: string, id: string): Promise<number> {
  return time(async () => {
    const created = await call(socket, 'POST', `/v1.41/containers/${id}/exec`, {
      Cmd: ['true'],
      AttachStdout: true,
      AttachStderr: true,
    });
    if (created.status !== 201) throw new Error(created.body);
    const { Id } = JSON.parse(created.body) as { Id: string };
    const started = await call(socket, 'POST', `/v1.41/exec/${Id}/start`, { Detach: false, Tty: false });
    if (started.status !== 200) throw new Error(started.body);
  });
}

const exec: Measure = async (bench) => {
  const { dockerd } = bench;
  const begin = (env: NodeJS.ProcessEnv) => docker(env, 'run', '-d', bench.image, 'sleep', '600');
  const ours = await begin(bench.berth.env);
  const theirs = dockerd && (await begin(dockerd.env));
  const result = await alternate(
    bench.runs,
    () => execOnce(bench.berth.socket, ours),
    dockerd && theirs !== undefined ? () => execOnce(dockerd.socket, theirs) : undefined,
  );
  await remove(bench.berth.env, ours);
  if (dockerd && theirs !== undefined) await remove(dockerd.env, theirs);
  return {
    name: 'exec true by the API',
    unit: 'ms',
    peer: peerName(bench),
    aim: 0.1,
    runs: bench.runs,
    ...result,
  };
};

const ourPids = (bench: Bench) => {
  const related = processesMentioning(bench.berth.directory);
  const names = /berth/;
  return [
    ...new Set([
      bench.berth.pid(),
      bench.berth.wardenPid(),
      ...related.filter((pid) => names.test(readFileSync(`/proc/${pid}/comm`, 'utf8'))),
    ]),
  ];
};

const memory =
  (count: number, aim: number): Measure =>
  async (bench) => {
    const begin = async (env: NodeJS.ProcessEnv) => {
      const ids: string[] = [];
      for (let n = 0; n < count; n++) ids.push(await docker(env, 'run', '-d', bench.image, 'sleep', '600'));
      return ids;
    };
    const ours = await begin(bench.berth.env);
    const mine = residentMegabytes(ourPids(bench));
    let theirs: number | undefined;
    if (bench.dockerd) {
      const ids = await begin(bench.dockerd.env);
      theirs = residentMegabytes(bench.dockerd.pids());
      for (const id of ids) await remove(bench.dockerd.env, id);
    }
    for (const id of ours) await remove(bench.berth.env, id);
    return {
      name: count === 0 ? 'resident memory, idle' : `resident memory, ${count} containers`,
      unit: 'MB',
      peer: peerName(bench),
      aim,
      runs: 1,
      ours: mine,
      theirs,
    };
  };

export const rows: Readonly<Record<string, Measure>> = {
  'memory-idle': memory(0, 0.6),
  run: cli('docker run --rm IMAGE true', 0.5, (image) => ['run', '--rm', image, 'true']),
  'run-detached': cli(
    'docker run -d IMAGE sleep',
    0.5,
    (image) => ['run', '-d', image, 'sleep', '600'],
    remove,
  ),
  'run-published': cli(
    'docker run -d -p IMAGE sleep',
    0.5,
    (image) => ['run', '-d', '-p', '127.0.0.1::80', image, 'sleep', '600'],
    remove,
  ),
  api: byApi,
  exec,
  'memory-20': memory(20, 0.3),
};
