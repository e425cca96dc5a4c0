/** Network namespaces of the tests' own: the machine's network is not touched. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';

const namespaces: string[] = [];
const children: ChildProcess[] = [];

/** Runs ip(8). */
export const ip = (...args: string[]) => execFileSync('ip', args).toString();
/** A fresh network namespace; returns its name. */
export function namespace(label: string): string {
  const name = `berth-${process.pid}-${label}`;
  ip('netns', 'add', name);
  namespaces.push(name);
  return name;
}
/** The file that stands for the namespace. */
export const path = (name: string) => `/run/netns/${name}`;
/** Runs a command in a namespace. */
export const within = (name: string, ...argv: string[]) =>
  spawnSync('ip', ['netns', 'exec', name, ...argv], { timeout: 20_000 });
/** The same; it must succeed. Returns its output. */
export function ok(name: string, ...argv: string[]): string {
  const ended = within(name, ...argv);
  expect({ argv, status: ended.status, stderr: ended.stderr.toString() }).toMatchObject({ status: 0 });
  return ended.stdout.toString();
}

/** Starts `argv` in a namespace and waits for its line "ready"; `lines` are those before it. */
export async function serve(name: string, argv: string[]) {
  const child = spawn('ip', ['netns', 'exec', name, ...argv], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') return { child, lines };
    lines.push(line);
  }
  throw new Error(`${argv.join(' ')} ended before it was ready`);
}

/** Echoes, and says END when the other side has said all; arguments: address, port. */
export const echoTcp = `
import socket, sys, threading
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
listener = socket.create_server((sys.argv[1], int(sys.argv[2])), family=family)
print("ready", flush=True)
def serve(c):
    while True:
        data = c.recv(1 << 20)
        if not data: break
        c.sendall(data)
    c.sendall(b"END")
    c.close()
while True:
    c, peer = listener.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
`;

/** Ends what serve() started and removes the namespaces. */
export async function cleanUp(): Promise<void> {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  for (const name of namespaces.splice(0)) ip('netns', 'del', name);
}
