import type { Socket } from 'node:net';
import type { Caller } from './services';

/** The kernel's nobody: what an id looks like that has no name here. It can belong to anyone, so it is let in as no one. */
const overflowId = 65_534;

export interface PeerCredentials {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  readonly groups: readonly number[];
}

function descriptor(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  if (typeof fd !== 'number' || fd < 0)
    throw new Error('the connection was closed before its peer could be identified');
  return fd;
}

/**
 * Who is at the other end of an accepted connection. The kernel fixed the answer at connect(): passing the descriptor on
 * or changing ids later changes nothing.
 * @param credentials SO_PEERCRED and SO_PEERGROUPS of a descriptor
 * @param adminGid the administrators' group, when the machine has one
 * @throws when the peer is gone, or is the overflow user
 */
export function identifyPeer(
  socket: Socket,
  credentials: (fd: number) => PeerCredentials,
  adminGid: number | undefined,
): Caller {
  const peer = credentials(descriptor(socket));
  if (peer.uid === overflowId)
    throw new Error('the overflow user (65534) is refused: it stands for any unmapped user');
  const groups = [...peer.groups];
  const admin =
    peer.uid === 0 || (adminGid !== undefined && (peer.gid === adminGid || groups.includes(adminGid)));
  return { uid: peer.uid, gid: peer.gid, pid: peer.pid, groups, admin };
}
