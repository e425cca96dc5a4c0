import type { EngineClient } from '../../core/engine/client';
import { containerNode, type ContainerNode } from './node';

const alive = (node: ContainerNode) => (node.state === 'running' || node.state === 'paused' ? 0 : 1);

/** All containers of this user: those that live first, then by name. */
export async function listContainers(engine: EngineClient): Promise<ContainerNode[]> {
  const nodes = (await engine.containers.list({ all: true })).map(containerNode);
  return nodes.sort((a, b) => alive(a) - alive(b) || a.name.localeCompare(b.name));
}
