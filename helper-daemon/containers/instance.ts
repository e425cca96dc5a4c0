/** What names this helper's things on a machine where several helpers run (PROTOCOL.md, "Instances"). */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

export class Instance {
  /** First 8 hex digits of the SHA-256 of ROOT. */
  readonly name: string;

  constructor(
    readonly root: string,
    readonly run: string,
  ) {
    this.name = createHash('sha256').update(root).digest('hex').slice(0, 8);
  }

  get cgroupParent(): string {
    return `berth/${this.name}`;
  }

  cgroupPath(id: string): string {
    return `${this.cgroupParent}/${id}`;
  }

  containerDirectory(id: string): string {
    return join(this.root, 'containers', id);
  }

  monitorSocket(id: string): string {
    return join(this.run, 'm', id.slice(0, 16));
  }
}
