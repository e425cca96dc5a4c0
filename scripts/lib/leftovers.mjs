/** What a run must not leave on the machine: processes of ours, mounts, control groups, interfaces, temporary files. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ours = /berthd|berth-warden|berth-monitor|berth-runtime|docker-registry|code-server|server-main\.js/;

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
        return ours.test(command) ? [`process ${pid}: ${command.slice(0, 120)}`] : [];
      } catch {
        return [];
      }
    });
}

const mounts = () =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes('berth'))
    .map((line) => `mount ${line}`);
const interfaces = () =>
  readdirSync('/sys/class/net')
    .filter((name) => /^(ve|br-)/.test(name))
    .map((name) => `interface ${name}`);
const temporaries = () =>
  readdirSync('/tmp')
    .filter((name) => name.startsWith('berth-'))
    .map((name) => `file /tmp/${name}`);

function subdirectories(path) {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name));
  } catch {
    return []; // it is not there, or no longer
  }
}

/** Each instance's own parent as well: a helper that is gone has none. */
function controlGroups() {
  return ['/sys/fs/cgroup', ...subdirectories('/sys/fs/cgroup')]
    .flatMap((hierarchy) => subdirectories(join(hierarchy, 'berth')))
    .flatMap((instance) => [instance, ...subdirectories(instance)])
    .map((path) => `control group ${path}`);
}

export const machineState = () =>
  new Set([...processes(), ...mounts(), ...interfaces(), ...temporaries(), ...controlGroups()]);

/** @param {Set<string>} before what machineState() said before the run */
export const leftovers = (before) => [...machineState()].filter((line) => !before.has(line));
