import { EngineUnavailableError } from '../error';
import type { Transport } from '../engine/transport';
import { localTransport, defaultSocket } from './local';

export interface HostChoice {
  readonly transport: Transport;
  /** What decided: shown by `berth doctor`. */
  readonly from: 'option' | 'BERTH_HOST' | 'setting' | 'default';
}

/**
 * Which helper to talk to: `--host`, then `$BERTH_HOST`, then the setting `berth.host`, then `/run/berth/berth.sock`. Empty means absent.
 * @throws EngineUnavailableError for an address of a kind that is not supported
 */
export function discoverHost(
  environment: Readonly<Record<string, string | undefined>>,
  setting?: string,
  option?: string,
): HostChoice {
  if (option !== undefined && option !== '')
    return { transport: transportOf(option, '--host'), from: 'option' };
  const variable = environment['BERTH_HOST'];
  if (variable !== undefined && variable !== '')
    return { transport: transportOf(variable, 'BERTH_HOST'), from: 'BERTH_HOST' };
  if (setting !== undefined && setting !== '')
    return { transport: transportOf(setting, '“berth.host”'), from: 'setting' };
  return { transport: localTransport(defaultSocket), from: 'default' };
}

/** `unix:///path` or a plain absolute path. */
export function transportOf(address: string, source: string): Transport {
  const path = address.startsWith('unix://') ? address.slice('unix://'.length) : address;
  if (path.startsWith('/')) return localTransport(path);
  throw new EngineUnavailableError(
    'bad-address',
    `Cannot use the helper's address “${address}” from ${source}`,
    'Only unix sockets are supported: an absolute path, or unix:// followed by one.',
    'Example: BERTH_HOST=unix:///run/berth/berth.sock',
  );
}
