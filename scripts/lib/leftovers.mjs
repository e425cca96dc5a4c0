/** What a run must not leave on the machine: processes of ours, mounts, control groups, interfaces, temporary files. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
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

function controlGroups() {
  const hierarchies = [
    '',
    ...readdirSync('/sys/fs/cgroup', { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name),
  ];
  return hierarchies
    .map((hierarchy) => join('/sys/fs/cgroup', hierarchy, 'berth'))
    .filter((path) => existsSync(path))
    .flatMap((instances) =>
      readdirSync(instances, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap((instance) =>
          readdirSync(join(instances, instance.name), { withFileTypes: true })
            .filter((entry) => entry.isDirectory())
            .map((entry) => `control group ${join(instances, instance.name, entry.name)}`),
        ),
    );
}

export const machineState = () =>
  new Set([...processes(), ...mounts(), ...interfaces(), ...temporaries(), ...controlGroups()]);

/** @param {Set<string>} before what machineState() said before the run */
export const leftovers = (before) => [...machineState()].filter((line) => !before.has(line));
