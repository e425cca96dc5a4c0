import { createRequire } from 'node:module';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identifyPeer, type PeerCredentials } from '../../../../helper-daemon/api/caller';
import { projectRoot } from '../../../harness/daemon';

const addonPath = join(projectRoot, 'dist', 'lib', 'berth.node');

async function accepted(): Promise<{ socket: Socket; close: () => void }> {
  const directory = mkdtempSync(join(tmpdir(), 'berth-caller-'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(directory, 's'), resolve));
  const client = connect(join(directory, 's'));
  const socket = await new Promise<Socket>((resolve) => server.once('connection', resolve));
  const close = () => {
    client.destroy();
    socket.destroy();
    server.close();
    rmSync(directory, { recursive: true });
  };
  return { socket, close };
}

const peer = (uid: number, gid: number, groups: number[]): PeerCredentials => ({ uid, gid, groups, pid: 7 });

describe('who is calling', () => {
  it.skipIf(!existsSync(addonPath))('is asked of the kernel (skipped before the first build)', async () => {
    const addon = createRequire(import.meta.url)(addonPath) as {
      peerCredentials: (fd: number) => PeerCredentials;
    };
    const { socket, close } = await accepted();
    const caller = identifyPeer(socket, (fd) => addon.peerCredentials(fd), undefined);
    expect(caller).toMatchObject({ uid: process.getuid?.(), gid: process.getgid?.(), pid: process.pid });
    expect(caller.admin).toBe(process.getuid?.() === 0);
    close();
  });

  it.each([
    [peer(0, 0, []), 900, true],
    [peer(1000, 1000, []), 900, false],
    [peer(1000, 900, []), 900, true],
    [peer(1000, 1000, [4, 900]), 900, true],
    [peer(1000, 0, [0]), 900, false],
    [peer(1000, 1000, [900]), undefined, false],
  ])('%j with the administrators being %s: %s', async (credentials, adminGid, admin) => {
    const { socket, close } = await accepted();
    expect(identifyPeer(socket, () => credentials, adminGid).admin).toBe(admin);
    close();
  });

  it('refuses the overflow user, and a connection that is gone', async () => {
    const { socket, close } = await accepted();
    expect(() => identifyPeer(socket, () => peer(65_534, 65_534, []), undefined)).toThrow(/65534/);
    close();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(() => identifyPeer(socket, () => peer(0, 0, []), undefined)).toThrow(/closed/);
  });
});
