import { resolve } from 'node:path';
import type { Mount } from '../../protocol/docker';
import { parseSize } from './size';

/** One `-v`: what goes into `Binds`, or an anonymous volume. */
export type VolumeSpec = { readonly bind: string } | { readonly anonymous: string };

/**
 * `name:/path`, `/host:/path:ro`, `./relative:/path`, `/path` (anonymous). A relative host path is made absolute, as docker does.
 * @throws Error that says what is wrong
 */
export function parseVolume(text: string, directory: string): VolumeSpec {
  const parts = text.split(':');
  const [source = '', target, mode] = parts;
  if (parts.length > 3 || text === '' || source === '' || target === '') {
    throw new Error(`invalid volume specification: '${text}'`);
  }
  if (target === undefined) {
    if (!source.startsWith('/'))
      throw new Error(`invalid volume specification: '${text}': the path must be absolute`);
    return { anonymous: source };
  }
  if (!target.startsWith('/')) {
    throw new Error(`invalid volume specification: '${text}': the path inside must be absolute`);
  }
  if (target === '/') throw new Error(`invalid volume specification: '${text}': it cannot be put at /`);
  const isPath = source.startsWith('/') || source.startsWith('.');
  const from = isPath ? resolve(directory, source) : source;
  return { bind: [from, target, ...(mode === undefined ? [] : [mode])].join(':') };
}

/** Splits at commas, except inside double quotes (one line of CSV). */
export function splitFields(text: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  if (quoted) throw new Error(`a quote is not closed in '${text}'`);
  return [...fields, field];
}

const yes = (value: string | undefined): boolean => value === undefined || ['1', 'true'].includes(value);

/**
 * `--mount type=bind,source=…,target=…[,readonly]`, with docker's keys and aliases.
 * @throws Error that names the key or value that is wrong
 */
export function parseMount(text: string, directory: string): Mount {
  let type: Mount['Type'] = 'volume';
  let source: string | undefined;
  let target: string | undefined;
  let readOnly = false;
  const bind: NonNullable<Mount['BindOptions']> = {};
  const volume: NonNullable<Mount['VolumeOptions']> = {};
  const tmpfs: NonNullable<Mount['TmpfsOptions']> = {};
  const driver: { name?: string; options: Record<string, string> } = { options: {} };
  const labels: Record<string, string> = {};

  for (const field of splitFields(text)) {
    const equals = field.indexOf('=');
    const key = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
    const value = equals === -1 ? undefined : field.slice(equals + 1);
    const needed = (): string => {
      if (value === undefined) throw new Error(`invalid field '${field}' must be a key=value pair`);
      return value;
    };
    switch (key) {
      case 'type':
        type = mountType(needed());
        break;
      case 'source':
      case 'src':
        source = needed();
        break;
      case 'target':
      case 'dst':
      case 'destination':
        target = needed();
        break;
      case 'readonly':
      case 'ro':
        readOnly = yes(value);
        break;
      case 'consistency':
        break;
      case 'bind-propagation':
        bind.Propagation = needed();
        break;
      case 'bind-recursive':
        bind.NonRecursive = needed() === 'disabled';
        break;
      case 'bind-create-src':
        bind.CreateMountpoint = yes(value);
        break;
      case 'volume-nocopy':
        volume.NoCopy = yes(value);
        break;
      case 'volume-subpath':
        volume.Subpath = needed();
        break;
      case 'volume-driver':
        driver.name = needed();
        break;
      case 'volume-opt':
      case 'volume-label': {
        const [name = '', ...rest] = needed().split('=');
        (key === 'volume-opt' ? driver.options : labels)[name] = rest.join('=');
        break;
      }
      case 'tmpfs-size':
        tmpfs.SizeBytes = parseSize(needed());
        break;
      case 'tmpfs-mode':
        tmpfs.Mode = parseInt(needed(), 8);
        break;
      default:
        throw new Error(`unexpected key '${key}' in '${field}'`);
    }
  }
  if (target === undefined || target === '') throw new Error('target is required');
  if (type === 'bind' && (source === undefined || source === '')) throw new Error('a bind needs a source');
  if (Object.keys(labels).length > 0) volume.Labels = labels;
  if (driver.name !== undefined || Object.keys(driver.options).length > 0) {
    volume.DriverConfig = { Name: driver.name, Options: driver.options };
  }
  return {
    Type: type,
    Target: target,
    ...(source === undefined ? {} : { Source: type === 'bind' ? resolve(directory, source) : source }),
    ...(readOnly ? { ReadOnly: true } : {}),
    ...(Object.keys(bind).length > 0 ? { BindOptions: bind } : {}),
    ...(Object.keys(volume).length > 0 ? { VolumeOptions: volume } : {}),
    ...(Object.keys(tmpfs).length > 0 ? { TmpfsOptions: tmpfs } : {}),
  };
}

function mountType(text: string): Mount['Type'] {
  if (text === 'bind' || text === 'volume' || text === 'tmpfs' || text === 'image') return text;
  throw new Error(`invalid mount type '${text}': must be bind, volume, tmpfs or image`);
}

/** `--tmpfs /path[:options]` */
export function parseTmpfs(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}
