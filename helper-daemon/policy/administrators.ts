/** The administrators' group: besides uid 0, its members may do everything that the API offers. */
import { readFileSync } from 'node:fs';

/** Looks the group up in /etc/group. @returns undefined when there is no such group */
export function groupId(name: string, groupFile = '/etc/group'): number | undefined {
  for (const line of readFileSync(groupFile, 'utf8').split('\n')) {
    const [group, , gid] = line.split(':');
    if (group === name && gid !== undefined && /^\d+$/.test(gid)) return Number(gid);
  }
  return undefined;
}
