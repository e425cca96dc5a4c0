/** `--change` of import and commit: the Dockerfile instructions that set nothing but the configuration. */
import type { ImageConfig } from '../../protocol/docker';
import { EngineError } from '../error';

const maxChanges = 200;

/** @throws EngineError 400 `invalid-change` */
export function applyChanges(config: ImageConfig, changes: readonly string[]): ImageConfig {
  if (changes.length > maxChanges) throw refused(`more than ${maxChanges} changes`);
  return changes.flatMap((text) => text.split('\n')).reduce(applyChange, config);
}

const refused = (why: string) =>
  new EngineError(
    400,
    'invalid-change',
    `${why}; a change is one of CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR`,
  );

function applyChange(config: ImageConfig, line: string): ImageConfig {
  const parts = /^\s*([A-Za-z]+)\s+(.*\S)\s*$/s.exec(line);
  if (parts === null) {
    if (line.trim() === '') return config;
    throw refused(`"${line}" is not a valid change command`);
  }
  const instruction = parts[1]?.toUpperCase() ?? '';
  const rest = parts[2] ?? '';
  switch (instruction) {
    case 'CMD':
      return { ...config, Cmd: command(rest, config) };
    case 'ENTRYPOINT':
      return { ...config, Entrypoint: command(rest, config) };
    case 'ENV':
      return {
        ...config,
        Env: Object.entries({ ...environment(config.Env ?? []), ...pairs(rest, instruction) }).map(
          ([key, value]) => `${key}=${value}`,
        ),
      };
    case 'LABEL':
      return { ...config, Labels: { ...config.Labels, ...pairs(rest, instruction) } };
    case 'EXPOSE':
      return {
        ...config,
        ExposedPorts: {
          ...config.ExposedPorts,
          ...Object.fromEntries(words(rest).map((port) => [exposedPort(port), {}])),
        },
      };
    case 'VOLUME':
      return {
        ...config,
        Volumes: {
          ...config.Volumes,
          ...Object.fromEntries((json(rest) ?? words(rest)).map((path) => [path, {}])),
        },
      };
    case 'USER':
      return { ...config, User: rest };
    case 'WORKDIR':
      return { ...config, WorkingDir: rest.startsWith('/') ? rest : `${config.WorkingDir ?? ''}/${rest}` };
    case 'STOPSIGNAL':
      return { ...config, StopSignal: rest };
    default:
      throw refused(`${instruction} is not a valid change command`);
  }
}

function command(text: string, config: ImageConfig): string[] {
  return json(text) ?? [...(config.Shell ?? ['/bin/sh', '-c']), text];
}

function json(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

const environment = (entries: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );

function exposedPort(text: string): string {
  if (!/^\d{1,5}(-\d{1,5})?(\/(tcp|udp|sctp))?$/.test(text)) throw refused(`invalid port ${text}`);
  return text.includes('/') ? text : `${text}/tcp`;
}

/** Words, with quotes and backslashes taken away as a Dockerfile does. */
function words(text: string): string[] {
  const found: string[] = [];
  for (const [whole] of text.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+/gs)) {
    found.push(
      whole.replace(
        /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
        (_, double?: string, single?: string, escaped?: string) =>
          double?.replace(/\\(["\\$])/g, '$1') ?? single ?? escaped ?? '',
      ),
    );
  }
  return found;
}

/** `KEY=value KEY2="a b"`, or the old form `KEY value`. */
function pairs(text: string, instruction: string): Record<string, string> {
  const parts = words(text);
  if (parts[0]?.includes('=') !== true) {
    const old = /^(\S+)\s+(.+)$/s.exec(text);
    if (old?.[1] === undefined || old[2] === undefined)
      throw refused(`${instruction} must have two arguments`);
    return { [old[1]]: old[2] };
  }
  return Object.fromEntries(
    parts.map((part) => {
      const equals = part.indexOf('=');
      if (equals <= 0)
        throw refused(`Syntax error - can't find = in "${part}". Must be of the form: name=value`);
      return [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
}
