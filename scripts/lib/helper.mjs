/** Starts the helper for `npm start`, or finds the one that runs; one from an older build is replaced (containers do not notice). */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from './command.mjs';
import { dist } from './paths.mjs';

const run = '/run/berth';
const socket = join(run, 'berth.sock');
const record = join(run, 'npm-start.json');
const logFile = '/var/log/berth.log';

const answers = () =>
  new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => resolve(true)).once('error', () => resolve(false));
    connection.once('connect', () => connection.destroy());
  });

function buildStamp() {
  const hash = createHash('sha256');
  for (const file of ['lib/berthd.js', 'lib/berth.node', 'bin/berth-warden'])
    hash.update(readFileSync(join(dist, file)));
  return hash.digest('hex');
}

async function until(what, probe, milliseconds) {
  const deadline = performance.now() + milliseconds;
  while (!(await probe())) {
    if (performance.now() > deadline)
      throw new Failure(`${what} within ${milliseconds / 1000} s; its log: ${logFile}\n${tail()}`);
    await delay(25);
  }
}

const tail = () =>
  existsSync(logFile) ? readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n') : '';

/** @returns {Promise<string>} the path of the socket that answers */
export async function startHelper() {
  const stamp = buildStamp();
  const known = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : undefined;
  if (await answers()) {
    if (known === undefined || known.stamp === stamp) return socket;
    if (process.getuid() !== 0) return socket;
    process.stderr.write('berth: replacing the helper of an older build; containers go on … ');
    process.kill(known.pid, 'SIGTERM');
    await until('the older helper did not end', async () => !existsSync(`/proc/${known.pid}`), 10_000);
    process.stderr.write('done\n');
  }
  const command = join(dist, 'bin', 'berthd');
  if (process.getuid() !== 0) {
    const asRoot = [
      'sudo',
      process.execPath,
      '-e',
      `import(${JSON.stringify(import.meta.filename)}).then((m) => m.startHelper())`,
    ];
    process.stderr.write(`berth: the helper needs root; starting it with:\n  sudo ${command}\n`);
    const ended = spawnSync(asRoot[0], asRoot.slice(1), { stdio: 'inherit' });
    if (ended.status !== 0 || !(await answers()))
      throw new Failure(`the helper did not start; start it yourself with: sudo ${command}`);
    return socket;
  }
  mkdirSync(run, { recursive: true, mode: 0o755 });
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(command, [], { detached: true, stdio: ['ignore', 'ignore', log], cwd: '/' });
  closeSync(log);
  let ended = false;
  child.once('exit', () => (ended = true));
  await until(
    'the helper did not answer',
    async () => {
      if (ended) throw new Failure(`the helper ended at once; its log: ${logFile}\n${tail()}`);
      return answers();
    },
    20_000,
  );
  child.unref();
  writeFileSync(record, JSON.stringify({ pid: child.pid, stamp }));
  return socket;
}
