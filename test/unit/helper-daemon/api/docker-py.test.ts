import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../harness/run';
import { startApi, type ApiFixture } from './api-fixture';

let api: ApiFixture;
beforeEach(async () => {
  api = await startApi();
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

const hasDockerPy = spawnSync('python3', ['-c', 'import docker']).status === 0;

async function python(script: string): Promise<unknown> {
  const program = `import docker, json\nclient = docker.from_env()\n${script}\nprint(json.dumps(result))`;
  const { code, stdout, stderr } = await run(['python3', '-W', 'ignore', '-c', program], {
    env: { PATH: process.env['PATH'], DOCKER_HOST: `unix://${api.socketPath}`, HOME: '/nonexistent' },
    milliseconds: 15_000,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe.skipIf(!hasDockerPy)('docker-py (skipped without the Python module)', () => {
  it('negotiates, runs and gets the output', async () => {
    const script =
      'result = [client.version()["ApiVersion"], client.containers.run("busybox", ["both"], stderr=True).decode()]';
    expect(await python(script)).toEqual(['1.51', 'to stdout\nto stderr\n']);
  });

  it('reads the socket under the response of an attach and of an exec', async () => {
    const script = `
box = client.containers.run("busybox", ["cat"], detach=True, stdin_open=True)
socket = client.api.attach_socket(box.id, params={"stdin": 1, "stdout": 1, "stream": 1})
socket._sock.sendall(b"hello")
header = socket._sock.recv(8)
text = socket._sock.recv(100)
code, (out, err) = box.exec_run(["both"], demux=True)
streamed = b"".join(box.exec_run(["both"], stream=True).output)
failed = box.exec_run(["exit", "4"]).exit_code
result = [list(header), text.decode(), code, out.decode(), err.decode(), streamed.decode(), failed]
`;
    expect(await python(script)).toEqual([
      [1, 0, 0, 0, 0, 0, 0, 5],
      'hello',
      0,
      'to stdout\n',
      'to stderr\n',
      'to stdout\nto stderr\n',
      4,
    ]);
  });

  it('follows a pull line by line, lists with its own booleans, and raises what the daemon says', async () => {
    const script = `
lines = list(client.api.pull("redis", tag="7", stream=True, decode=True))
client.containers.create("busybox", ["cat"], name="idle", network="none")
try:
    client.containers.get("nothing")
    said = None
except docker.errors.NotFound as error:
    said = error.explanation
result = [lines[-1]["status"], len(client.containers.list()), [c.name for c in client.containers.list(all=True)], said]
`;
    expect(await python(script)).toEqual([
      'Status: Downloaded newer image for redis:7',
      0,
      ['idle'],
      'No such container: nothing',
    ]);
  });
});
