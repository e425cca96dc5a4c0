import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { EngineClient } from '../../../../core/engine/client';
import { startApi } from '../../helper-daemon/api/api-fixture';

/** A stream that is no socket, as the channel of an SSH connection is none. */
function plain(path: string): Duplex {
  const socket = connect({ path, allowHalfOpen: true });
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => socket.resume(),
    write: (chunk: Buffer, encoding, done) => void socket.write(chunk, encoding, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => stream.push(chunk) || socket.pause());
  socket.on('end', () => stream.push(null));
  socket.on('error', (error) => stream.destroy(error));
  return stream;
}

it('speaks over any Duplex: requests on kept connections, and upgraded streams', async () => {
  await using api = await startApi();
  let opened = 0;
  const client = new EngineClient({
    describe: () => 'a plain stream',
    connect: () => {
      opened++;
      return Promise.resolve(plain(api.socketPath));
    },
  });
  const { Id } = await client.containers.create({ Image: 'busybox', Cmd: ['sleep'] });
  await client.containers.start(Id);
  await client.containers.inspect(Id);
  expect(opened).toBe(1);
  expect((await client.exec(Id, { command: ['cat'], stdin: 'through' })).stdout).toBe('through');
  const stream = await client.containers.connect(Id, { port: 1 });
  stream.end('echo');
  expect(await text(stream)).toBe('echo');
  client.close();
});
