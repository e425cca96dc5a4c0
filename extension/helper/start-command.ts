export interface HelperPlace {
  /** `dist` of the package: bin, lib, libexec and images are beneath it. */
  readonly bundled: string;
  readonly version: string;
  /** Where the helper is to listen. */
  readonly socket: string;
}

export interface Machine {
  readonly uid: number;
  readonly has: (program: 'sudo' | 'pkexec' | 'systemd') => boolean;
}

const parts = ['bin', 'lib', 'libexec', 'images'] as const;

/**
 * The shell command that installs and starts the helper. Root must never run a file that a user can write, so the helper
 * is first copied into a directory of root's; a systemd unit, where there is systemd, keeps containers alive when it ends.
 */
export function startCommand(place: HelperPlace, machine: Machine): string {
  const target = `/opt/berth/${place.version}`;
  const steps = [
    `install -d -m 0755 ${quote(target)} /var/log/berth`,
    `cp -r --no-preserve=ownership --remove-destination ${parts.map((part) => quote(`${place.bundled}/${part}`)).join(' ')} ${quote(`${target}/`)}`,
    machine.has('systemd')
      ? `systemd-run --unit=berth --collect -p KillMode=process -p Delegate=yes ${quote(`${target}/bin/berthd`)} --socket ${quote(place.socket)}`
      : `setsid --fork ${quote(`${target}/bin/berthd`)} --socket ${quote(place.socket)} >>/var/log/berth/berthd.log 2>&1`,
  ];
  const script = steps.join(' && ');
  if (machine.uid === 0) return script;
  const become = machine.has('sudo') || !machine.has('pkexec') ? 'sudo' : 'pkexec';
  return `${become} sh -c ${quote(script)}`;
}

/** One word of a POSIX shell. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
