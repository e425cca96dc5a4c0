import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchCommand } from '../../../../core/editor/launch-server';
import type { LaunchResult } from '../../../../core/editor/launch-server';

/** What the real server does as far as the launcher can see: its command line, its listening line, and `/version`. */
const server = `
  const { createServer } = require('node:http');
  const fs = require('node:fs');
  const token = fs.readFileSync(process.argv[process.argv.indexOf('--connection-token-file') + 1], 'utf8');
  const http = createServer((request, response) => response.end(request.url === '/version' ? 'x' : token));
  http.listen(0, '127.0.0.1', () => console.log('Server bound\\nExtension host agent listening on ' + http.address().port));
`;

let directory: string;
const started: number[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-launch-'));
});
afterEach(() => {
  for (const pid of started.splice(0)) process.kill(pid, 'SIGKILL');
  rmSync(directory, { recursive: true });
});

function launch(script: string, milliseconds = 20_000): LaunchResult {
  const path = join(directory, 'server-main.js');
  writeFileSync(path, script);
  const [node = '', ...words] = launchCommand(process.execPath, {
    server: path,
    directory: join(directory, 'state'),
    milliseconds,
  });
  const { stdout, stderr } = spawnSync(node, words, { encoding: 'utf8' });
  expect(stderr).toBe('');
  const result = JSON.parse(stdout) as LaunchResult;
  if ('port' in result && !result.reused) {
    started.push(Number(readFileSync(join(directory, 'state/state'), 'utf8').split(' ')[0]));
  }
  return result;
}

describe('launchServer', () => {
  it('starts a server that outlives it, and finds it the next time', async () => {
    const first = launch(server);
    if (!('port' in first)) throw new Error(first.failure + first.log);
    expect(await (await fetch(`http://127.0.0.1:${first.port}/`)).text()).toBe(first.token);
    expect(statSync(join(directory, 'state/token')).mode & 0o777).toBe(0o600);
    expect(readFileSync(`/proc/${started[0]!}/cmdline`, 'utf8')).not.toContain(first.token);
    expect(launch(server)).toEqual({ ...first, reused: true });
  });

  it('starts another when the one before has ended', () => {
    const first = launch(server);
    process.kill(started.pop()!, 'SIGKILL');
    const second = launch(server);
    expect(second).toMatchObject({ reused: false });
    expect(second).not.toEqual(first);
  });

  it('tells what a server said that ends at once', () => {
    expect(launch(`console.error('no libstdc++'); process.exit(3)`)).toEqual({
      failure: 'it ended with exit code 3',
      log: 'no libstdc++\n',
    });
  });

  it('gives up on one that never listens', () => {
    expect(launch('setInterval(() => {}, 1000)', 300)).toMatchObject({
      failure: 'it did not listen within 0.3 seconds',
    });
  });
});
