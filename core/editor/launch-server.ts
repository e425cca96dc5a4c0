export interface LaunchRequest {
  /** `…/server-main.js` */
  readonly server: string;
  /** Holds token, log, state and the editor's own data; made if it is missing. */
  readonly directory: string;
  /** How long the server may take until it listens. */
  readonly milliseconds: number;
}

export type LaunchResult =
  | { readonly port: number; readonly token: string; readonly reused: boolean }
  | { readonly failure: string; readonly log: string };

/**
 * Runs inside the container, in the Node that comes with the editor: it is sent there as text, so it uses nothing
 * from outside itself. Finds the server that runs already, or starts one that outlives this process; waits until it
 * listens, and prints a LaunchResult as JSON. The token is in a file that only the user can read, never on a command line.
 */
export async function launchServer(request: LaunchRequest): Promise<void> {
  const fs = process.getBuiltinModule('node:fs');
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const file = (name: string): string => `${request.directory}/${name}`;
  const print = (result: LaunchResult): void => {
    process.stdout.write(JSON.stringify(result));
  };
  const read = (path: string): string => {
    try {
      return fs.readFileSync(path, 'utf8');
    } catch {
      return ''; // Not there yet, or the process it belonged to is gone.
    }
  };

  fs.mkdirSync(request.directory, { recursive: true, mode: 0o700 });
  const [pid = '', knownPort = ''] = read(file('state')).split(' ');
  if (pid !== '' && read(`/proc/${pid}/cmdline`).includes(request.server)) {
    const answer = await fetch(`http://127.0.0.1:${knownPort}/version`, {
      signal: AbortSignal.timeout(5_000),
    }).catch(() => undefined);
    if (answer?.ok === true) {
      print({ port: Number(knownPort), token: read(file('token')).trim(), reused: true });
      return;
    }
  }

  const token = randomBytes(20).toString('hex');
  fs.rmSync(file('token'), { force: true });
  fs.writeFileSync(file('token'), token, { mode: 0o600, flag: 'wx' });
  const log = fs.openSync(file('log'), 'w', 0o600);
  const words = [
    request.server,
    ...['--host', '127.0.0.1', '--port', '0', '--connection-token-file', file('token')],
    ...['--server-data-dir', file('data'), '--accept-server-license-terms', '--telemetry-level', 'off'],
    // The container is the boundary, and whoever opened it has decided about its content.
    '--disable-workspace-trust',
  ];
  const child = spawn(process.execPath, words, { detached: true, stdio: ['ignore', log, log] });
  const outcome = await new Promise<number | string>((resolve) => {
    const look = (): void => {
      const port = /^Extension host agent listening on (\d+)/m.exec(read(file('log')))?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    fs.watch(file('log'), look);
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code ?? '?'}`}`));
    setTimeout(() => {
      child.kill('SIGKILL');
      resolve(`it did not listen within ${request.milliseconds / 1000} seconds`);
    }, request.milliseconds);
    look();
  });
  if (typeof outcome === 'number') {
    fs.writeFileSync(file('state'), `${child.pid ?? ''} ${outcome}`, { mode: 0o600 });
    print({ port: outcome, token, reused: false });
  } else print({ failure: outcome, log: read(file('log')).slice(-2000) });
  // The watch and the timer would keep this process; the server goes on without it.
  process.exit(0);
}

/** The command that runs `launchServer` inside. */
export function launchCommand(node: string, request: LaunchRequest): string[] {
  return [node, '-e', `(${launchServer.toString()})(${JSON.stringify(request)})`];
}
