/** Chooses a subnet that collides with no route of the host (VPNs, other engines) and with no network of ours. */
import { EngineError } from '../error';
import { blockSize, formatBlock, overlap } from './ipv4';
import type { Block } from './ipv4';

/** 1022 containers in one network. */
export const subnetPrefix = 22;

/** @throws EngineError 507 when the pool is exhausted */
export function freeSubnet(pool: Block, taken: readonly Block[]): Block {
  const step = blockSize(subnetPrefix);
  for (let base = pool.base; base < pool.base + blockSize(pool.prefix); base += step) {
    const candidate = { base, prefix: subnetPrefix };
    if (!taken.some((block) => overlap(block, candidate))) return candidate;
  }
  throw new EngineError(
    507,
    'subnets-exhausted',
    `could not find an available IPv4 address pool among ${formatBlock(pool)}: every part of it is a network or a route of this host. Remove networks (berth network prune), or set "addressPool" in the helper's configuration.`,
  );
}
