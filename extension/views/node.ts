import type * as wire from '../../protocol/docker';

/** What the rows of the views stand for; commands get these from menus. */
export type Node = ContainerNode | EnvironmentNode | ImageNode;

export interface ContainerNode {
  readonly kind: 'container';
  readonly id: string;
  readonly name: string;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly state: string;
  readonly summary: wire.ContainerSummary;
}

export interface EnvironmentNode {
  readonly kind: 'environment';
  /** The project's folder on the host. */
  readonly folder: string;
  /** Whether this window has that folder open. */
  readonly here: boolean;
  /** Undefined as long as nothing was made from the configuration. */
  readonly container: ContainerNode | undefined;
}

export interface ImageNode {
  readonly kind: 'image';
  readonly id: string;
  /** `name:tag`, or the id of an image without a name. */
  readonly reference: string;
  readonly summary: wire.ImageSummary;
}

export function isNode(value: unknown): value is Node {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  return kind === 'container' || kind === 'environment' || kind === 'image';
}

/** The row's container name without the slash that the engine puts before it. */
export function containerNode(summary: wire.ContainerSummary): ContainerNode {
  const name = summary.Names[0]?.replace(/^\//, '') ?? summary.Id.slice(0, 12);
  return { kind: 'container', id: summary.Id, name, state: summary.State, summary };
}
