/** Reads `-v`, `--mount`, `--tmpfs` and an image's volumes into one list of mounts. */
import { posix } from 'node:path';
import type { HostConfig, Mount } from '../../protocol/docker';
import { EngineError } from '../error';
import type { RecordedMount } from './container-record';

/** A mount as asked for: a volume may still have no name, a bind source may still be missing. */
export interface MountRequest extends RecordedMount {
  readonly createSource: boolean;
  readonly volumeLabels: Readonly<Record<string, string>>;
}

const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const tmpfsDefaultMode = 0o1777;
const neutralModes: ReadonlySet<string> = new Set([
  'rw',
  'z',
  'Z',
  'consistent',
  'cached',
  'delegated',
  'private',
  'rprivate',
  '',
]);
const sizeUnits: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

const plain: Omit<MountRequest, 'type' | 'source' | 'target'> = {
  readonly: false,
  recursive: true,
  copyUp: false,
  noexec: false,
  nosuid: false,
  nodev: false,
  tmpfsSize: 0,
  tmpfsMode: tmpfsDefaultMode,
  mode: '',
  anonymous: false,
  createSource: false,
  volumeLabels: {},
};

const bad = (message: string) => new EngineError(400, 'bad-mount', message);

function targetPath(target: string, whole: string): string {
  if (target.includes('\0') || target.includes('\n'))
    throw bad(`invalid mount target in ${JSON.stringify(whole)}`);
  if (!target.startsWith('/'))
    throw bad(`invalid volume specification: '${whole}': invalid mount config: mount path must be absolute`);
  const normal = posix.normalize(target).replace(/(?!^)\/$/, '');
  if (normal === '/')
    throw bad(`invalid volume specification: '${whole}': invalid specification: destination can't be '/'`);
  return normal;
}

export function checkVolumeName(name: string): string {
  if (!volumeName.test(name) || name.length > 255) {
    throw new EngineError(
      400,
      'bad-volume-name',
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
  return name;
}

/** `SOURCE:TARGET[:OPTIONS]`; a source that begins with `/` is a directory of the host, any other a volume's name. */
function parseBind(bind: string): MountRequest {
  const parts = bind.split(':');
  const [source = '', target = '', mode = ''] = parts;
  if (parts.length < 2 || parts.length > 3 || source === '' || target === '')
    throw bad(`invalid volume specification: '${bind}'`);
  const options = mode.split(',');
  for (const option of options)
    if (!neutralModes.has(option) && !['ro', 'nocopy'].includes(option))
      throw bad(`invalid volume specification: '${bind}': invalid mode: ${mode}`);
  const common = { ...plain, target: targetPath(target, bind), readonly: options.includes('ro'), mode };
  if (source.startsWith('/'))
    return { ...common, type: 'bind', source: posix.normalize(source), createSource: true };
  return {
    ...common,
    type: 'volume',
    name: checkVolumeName(source),
    source: '',
    copyUp: !options.includes('nocopy'),
  };
}

function parseMount(mount: Mount): MountRequest {
  const text = `${mount.Type}:${mount.Target}`;
  const common = { ...plain, target: targetPath(mount.Target, text), readonly: mount.ReadOnly ?? false };
  const source = mount.Source ?? '';
  if (mount.Type === 'tmpfs') {
    if (source !== '') throw bad(`invalid mount config for type "tmpfs": field Source must not be specified`);
    const { SizeBytes: size, Mode: mode } = mount.TmpfsOptions ?? {};
    return {
      ...common,
      type: 'tmpfs',
      source: '',
      tmpfsSize: size ?? 0,
      tmpfsMode: mode ?? tmpfsDefaultMode,
      nosuid: true,
      nodev: true,
      noexec: true,
    };
  }
  if (mount.Type === 'bind') {
    if (!source.startsWith('/'))
      throw bad(
        `invalid mount config for type "bind": ${source === '' ? 'field Source must not be empty' : `invalid mount path: '${source}' mount path must be absolute`}`,
      );
    return {
      ...common,
      type: 'bind',
      source: posix.normalize(source),
      recursive: mount.BindOptions?.NonRecursive !== true,
      createSource: mount.BindOptions?.CreateMountpoint ?? false,
    };
  }
  const { NoCopy: noCopy, Labels: labels } = mount.VolumeOptions ?? {};
  const named = source === '' ? { anonymous: true } : { name: checkVolumeName(source) };
  return {
    ...common,
    ...named,
    type: 'volume',
    source: '',
    copyUp: noCopy !== true,
    volumeLabels: labels ?? {},
  };
}

/** `size=64m,mode=1777,noexec…`, Docker's defaults being nosuid, nodev, noexec. */
function parseTmpfs(target: string, options: string): MountRequest {
  let mount: MountRequest = {
    ...plain,
    type: 'tmpfs',
    source: '',
    target: targetPath(target, target),
    nosuid: true,
    nodev: true,
    noexec: true,
    mode: options,
  };
  for (const option of options.split(',').filter((text) => text !== ''))
    mount = { ...mount, ...tmpfsOption(option) };
  return mount;
}

function tmpfsOption(option: string): Partial<MountRequest> {
  const [name = '', value = ''] = option.split('=');
  const size = name === 'size' ? /^(\d+)([kmg]?)$/i.exec(value) : null;
  if (size !== null) return { tmpfsSize: Number(size[1]) * (sizeUnits[(size[2] ?? '').toLowerCase()] ?? 1) };
  if (name === 'mode' && /^[0-7]{3,4}$/.test(value)) return { tmpfsMode: Number.parseInt(value, 8) };
  const flags: Readonly<Record<string, Partial<MountRequest>>> = {
    ro: { readonly: true },
    rw: { readonly: false },
    exec: { noexec: false },
    noexec: { noexec: true },
    suid: { nosuid: false },
    nosuid: { nosuid: true },
    dev: { nodev: false },
    nodev: { nodev: true },
  };
  const flag = flags[option];
  if (flag === undefined)
    throw bad(
      `invalid tmpfs option ${JSON.stringify(option)}: the options are size, mode, ro, exec, suid, dev and their opposites`,
    );
  return flag;
}

const depth = (path: string) => path.split('/').length;

/**
 * @param imageVolumes paths that get an anonymous volume unless something else is mounted there
 * @returns sorted by depth of the target @throws EngineError 400
 */
export function mountRequests(host: HostConfig, imageVolumes: readonly string[]): MountRequest[] {
  const asked = [
    ...(host.Binds ?? []).map(parseBind),
    ...(host.Mounts ?? []).map(parseMount),
    ...Object.entries(host.Tmpfs ?? {}).map(([target, options]) => parseTmpfs(target, options)),
  ];
  const targets = new Set<string>();
  for (const { target } of asked) {
    if (targets.has(target)) throw bad(`Duplicate mount point: ${target}`);
    targets.add(target);
  }
  const anonymous = imageVolumes
    .map((path) => targetPath(path, path))
    .filter((target) => !targets.has(target))
    .map((target): MountRequest => ({
      ...plain,
      type: 'volume',
      source: '',
      target,
      copyUp: true,
      anonymous: true,
    }));
  return [...asked, ...anonymous].sort((a, b) => depth(a.target) - depth(b.target));
}
