import type { Mount } from '../../protocol/docker';
import { commaFields } from './comma-fields';
import type { ConfiguredMount } from './configuration';
import { DevContainerError } from './error';
import { parseBoolean, parseBytes, parseInteger } from './quantity';

/** A mount of devcontainer.json (object, or docker's `--mount` string) as the engine takes it. Throws DevContainerError('bad-mount'). */
export function toEngineMount(configured: ConfiguredMount): Mount {
  if (typeof configured === 'string') return parseMount(configured);
  const { type, source, target } = configured;
  requireTarget(target, JSON.stringify(configured));
  return { Type: type, Target: target, ...(source === undefined ? {} : { Source: source }) };
}

/** Where a mount goes inside, for "same target: the last one wins". */
export function mountTarget(configured: ConfiguredMount): string {
  return toEngineMount(configured).Target;
}

const types = ['bind', 'volume', 'tmpfs', 'image'] as const;

/** Docker's `--mount` syntax: `type=bind,source=/a,target=/b,readonly`. */
export function parseMount(text: string): Mount {
  const mount: Mount = { Type: 'volume', Target: '' };
  for (const field of commaFields(text)) {
    const equals = field.indexOf('=');
    const key = (equals === -1 ? field : field.slice(0, equals)).trim().toLowerCase();
    setOption(mount, key, equals === -1 ? undefined : field.slice(equals + 1), text);
  }
  requireTarget(mount.Target, text);
  if (mount.Type === 'bind' && (mount.Source ?? '') === '')
    throw badMount(text, 'a bind mount needs a source');
  return mount;
}

function setOption(mount: Mount, key: string, value: string | undefined, text: string): void {
  const where = `mount "${text}", ${key}`;
  const flag = (): boolean => (value === undefined ? true : parseBoolean(value, where));
  switch (key) {
    case 'type': {
      const type = types.find((name) => name === value?.toLowerCase());
      if (type === undefined) throw badMount(text, `type "${value ?? ''}" is none of ${types.join(', ')}`);
      mount.Type = type;
      return;
    }
    case 'source':
    case 'src':
      mount.Source = value ?? '';
      return;
    case 'target':
    case 'dst':
    case 'destination':
      mount.Target = value ?? '';
      return;
    case 'readonly':
    case 'ro':
      mount.ReadOnly = flag();
      return;
    case 'consistency':
    case 'external':
      // Spellings of other engines that change nothing on Linux.
      return;
    case 'bind-propagation':
      mount.BindOptions = { ...mount.BindOptions, Propagation: value };
      return;
    case 'bind-nonrecursive':
      mount.BindOptions = { ...mount.BindOptions, NonRecursive: flag() };
      return;
    case 'bind-recursive':
      mount.BindOptions = { ...mount.BindOptions, NonRecursive: value === 'disabled' };
      return;
    case 'volume-nocopy':
      mount.VolumeOptions = { ...mount.VolumeOptions, NoCopy: flag() };
      return;
    case 'volume-subpath':
      mount.VolumeOptions = { ...mount.VolumeOptions, Subpath: value };
      return;
    case 'volume-label':
      mount.VolumeOptions = {
        ...mount.VolumeOptions,
        Labels: { ...mount.VolumeOptions?.Labels, ...pair(value ?? '') },
      };
      return;
    case 'volume-driver':
      mount.VolumeOptions = {
        ...mount.VolumeOptions,
        DriverConfig: { ...mount.VolumeOptions?.DriverConfig, Name: value },
      };
      return;
    case 'volume-opt': {
      const driver = mount.VolumeOptions?.DriverConfig;
      mount.VolumeOptions = {
        ...mount.VolumeOptions,
        DriverConfig: { ...driver, Options: { ...driver?.Options, ...pair(value ?? '') } },
      };
      return;
    }
    case 'tmpfs-size':
      mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes: parseBytes(value ?? '', where) };
      return;
    case 'tmpfs-mode':
      mount.TmpfsOptions = {
        ...mount.TmpfsOptions,
        Mode: parseInt(String(parseInteger(value ?? '', where)), 8),
      };
      return;
    default:
      throw badMount(text, `"${key}" is not an option of a mount`);
  }
}

function pair(text: string): Record<string, string> {
  const equals = text.indexOf('=');
  return equals === -1 ? { [text]: '' } : { [text.slice(0, equals)]: text.slice(equals + 1) };
}

function requireTarget(target: string, text: string): void {
  if (!target.startsWith('/'))
    throw badMount(text, 'it needs a target, an absolute path inside the container');
}

function badMount(text: string, why: string): DevContainerError {
  return new DevContainerError(
    'bad-mount',
    `The mount "${text}" is not right`,
    why,
    'Correct it in devcontainer.json and try again.',
  );
}
