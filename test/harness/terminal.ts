/** A client in a real terminal: a pseudo-terminal as its stdin, stdout, stderr and controlling terminal, with a size that changes. */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** Node has no pseudo-terminals, Python has. fd 3 takes lines "ROWS COLUMNS". */
const relay = `
import fcntl, os, pty, select, signal, struct, sys, termios
def size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
pid, master = pty.fork()
if pid == 0:
    os.close(3)
    # A test that runs in the background has them ignored, and a client in a terminal would inherit that.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    size(0, int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])
def end(number, frame):
    os.kill(pid, signal.SIGKILL)
    sys.exit(137)
signal.signal(signal.SIGTERM, end)
sources = [master, 0, 3]
while True:
    for fd in select.select(sources, [], [])[0]:
        try:
            data = os.read(fd, 65536)
        except OSError:
            data = b''
        if fd == master and not data:
            status = os.waitpid(pid, 0)[1]
            sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
        if not data:
            sources.remove(fd)
        elif fd == master:
            os.write(1, data)
        elif fd == 0:
            os.write(master, data)
        else:
            for line in data.decode().split('\\n'):
                if line:
                    size(master, *map(int, line.split()))
`;

export interface Terminal {
  /** Everything that the screen was sent so far, control sequences and all. */
  text(): string;
  type(text: string): void;
  resize(rows: number, columns: number): void;
  /** Resolves when the text after the last call's match satisfies the pattern; fails with the screen after 30 s. */
  shows(pattern: RegExp): Promise<string>;
  readonly exited: Promise<number>;
  /** SIGKILL to the client; for the end of a test. */
  kill(): void;
}

export function openTerminal(
  argv: readonly string[],
  options: { env?: NodeJS.ProcessEnv; rows?: number; columns?: number; milliseconds?: number } = {},
): Terminal {
  const child = spawn(
    'python3',
    ['-c', relay, String(options.rows ?? 24), String(options.columns ?? 80), ...argv],
    { env: { TERM: 'xterm', ...(options.env ?? process.env) }, stdio: ['pipe', 'pipe', 'inherit', 'pipe'] },
  );
  const limit = options.milliseconds ?? 30_000;
  let text = '';
  let seen = 0;
  let wake: () => void = () => undefined;
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    wake();
  });
  const exited = new Promise<number>((resolve) => {
    child.on('close', (code) => {
      resolve(code ?? -1);
      wake();
    });
  });
  const control = child.stdio[3] as Writable;
  for (const stream of [child.stdin, control]) stream?.on('error', () => undefined); // the client has ended
  return {
    text: () => text,
    type: (input) => void child.stdin?.write(input),
    resize: (rows, columns) => void control.write(`${rows} ${columns}\n`),
    async shows(pattern) {
      const deadline = performance.now() + limit;
      for (;;) {
        const match = pattern.exec(text.slice(seen));
        if (match !== null) {
          seen += match.index + match[0].length;
          return match[0];
        }
        const left = deadline - performance.now();
        if (left <= 0 || child.exitCode !== null)
          throw new Error(`the terminal does not show ${String(pattern)} but:\n${text.slice(seen)}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    exited,
    kill: () => void child.kill('SIGTERM'),
  };
}
