/** The same busybox root for both engines: one file and its names, as a tar that `docker import` takes. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the path of the tar; the caller removes its folder. */
export function makeBusyboxTar(): { tar: string; remove: () => void } {
  const directory = mkdtempSync('/tmp/berth-busybox-');
  const root = join(directory, 'root');
  mkdirSync(join(root, 'bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin', 'busybox'));
  chmodSync(join(root, 'bin', 'busybox'), 0o755);
  for (const applet of ['sh', 'true', 'echo', 'cat', 'sleep', 'ls', 'id', 'hostname', 'dd'])
    symlinkSync('busybox', join(root, 'bin', applet));
  const tar = join(directory, 'root.tar');
  execFileSync('tar', ['--owner=0', '--group=0', '-C', root, '-cf', tar, '.']);
  return { tar, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
