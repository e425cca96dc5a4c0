/** A docker-shaped command line against a helper of its own, for one test file. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startDaemon, type TestDaemon } from '../harness/daemon';
import { run, type Ran } from '../harness/run';
import { openTerminal, type Terminal } from '../harness/terminal';

export interface Client {
  readonly daemon: TestDaemon;
  readonly run: (...args: string[]) => Promise<Ran>;
  readonly runWith: (input: string | Buffer, ...args: string[]) => Promise<Ran>;
  /** Runs a command that must succeed; its output without the last line end. */
  readonly ok: (...args: string[]) => Promise<string>;
  readonly terminal: (...args: string[]) => Terminal;
  /** Of all containers, running or not. */
  readonly names: () => Promise<string[]>;
}

/**
 * Registers the hooks that start the helper, remove after each test what it made, and end it.
 * @param command `docker`, or the path of `berth`
 */
export function clientOf(command: string): Client {
  let daemon: TestDaemon | undefined;
  const terminals: Terminal[] = [];
  const started = () => {
    if (daemon === undefined) throw new Error('the helper runs only while tests run');
    return daemon;
  };
  const client: Client = {
    get daemon() {
      return started();
    },
    run: (...args) => run([command, ...args], { env: started().env }),
    runWith: (input, ...args) => run([command, ...args], { env: started().env, input }),
    ok: async (...args) => {
      const { code, stdout, stderr } = await client.run(...args);
      expect({ code, stderr }, `${command} ${args.join(' ')}`).toEqual({ code: 0, stderr: '' });
      return stdout.replace(/\n$/, '');
    },
    terminal: (...args) => {
      const opened = openTerminal([command, ...args], { env: started().env, rows: 30, columns: 100 });
      terminals.push(opened);
      return opened;
    },
    names: async () =>
      (await client.ok('ps', '-a', '--format', '{{.Names}}')).split('\n').filter((name) => name !== ''),
  };
  beforeAll(async () => {
    daemon = await startDaemon();
  });
  afterEach(async () => {
    for (const each of terminals.splice(0)) each.kill();
    const left = await client.names();
    if (left.length > 0) await client.run('rm', '-f', '-v', ...left);
  });
  afterAll(async () => {
    await daemon?.stop();
  });
  return client;
}
