import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LifecycleCommand } from '../../../../core/devcontainer/configuration';
import { describeCommand, runInitializeCommand } from '../../../../core/devcontainer/run-on-host';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-initialize-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(command: LifecycleCommand, signal?: AbortSignal): Promise<string> {
  let output = '';
  await runInitializeCommand(command, {
    folder,
    localEnv: { PATH: process.env['PATH'], WHO: 'dev' },
    output: (stage, text) => (output += `[${stage}]${text}`),
    signal,
  });
  return output;
}

describe('runInitializeCommand', () => {
  it('runs a string in a shell, in the workspace folder, with the environment it is given', async () => {
    expect(await run('echo "$WHO in $(pwd)"')).toBe(`[initializeCommand]dev in ${folder}\n`);
  });

  it('runs an array as it is, without a shell', async () => {
    expect(await run(['printf', '%s', '$WHO; a b'])).toBe('[initializeCommand]$WHO; a b');
  });

  it('runs the entries of an object side by side', async () => {
    // Each waits for the other: one after the other they would never end.
    const fifo = 'mkfifo a b 2>/dev/null; until [ -p a ] && [ -p b ]; do :; done;';
    await run({ one: `${fifo} echo x >a; read y <b`, two: `${fifo} read x <a; echo y >b`, none: '' });
  });

  it('tells the exit code and the last lines of one that fails', async () => {
    await expect(run({ good: 'true', bad: 'echo out; echo err >&2; exit 7' })).rejects.toMatchObject({
      problem: 'initialize-failed',
      stage: 'initializeCommand.bad',
      exitCode: 7,
      lastLines: expect.arrayContaining(['out', 'err']),
    });
  });

  it('says so when there is no such program', async () => {
    await expect(run(['/no/such/program'])).rejects.toMatchObject({
      exitCode: undefined,
      lastLines: [expect.stringContaining('ENOENT')],
    });
  });

  it('ends the command and all that it has started when it is cancelled', async () => {
    const controller = new AbortController();
    const running = runInitializeCommand('sleep 1000 & echo $! >pid; echo ready; wait', {
      folder,
      localEnv: process.env,
      output: (_, text) => text.includes('ready') && controller.abort(),
      signal: controller.signal,
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

describe('describeCommand', () => {
  it('shows what would run', () => {
    expect(describeCommand('a && b')).toBe('a && b');
    expect(describeCommand(['a', 'b c'])).toBe('a b c');
    expect(describeCommand({ x: 'a', y: ['b', 'c'] })).toBe('a\nb c');
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
