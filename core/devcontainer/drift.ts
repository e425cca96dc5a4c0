import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Configuration } from './configuration';

/** The properties that shape a container when it is made; a later change of the others takes effect by itself. */
const shaping = [
  'image',
  'workspaceFolder',
  'workspaceMount',
  'runArgs',
  'appPort',
  'mounts',
  'containerEnv',
  'containerUser',
  'init',
  'privileged',
  'capAdd',
  'securityOpt',
  'overrideCommand',
  'onCreateCommand',
  'updateContentCommand',
  'postCreateCommand',
] as const;

const Fingerprint = z.record(z.string(), z.string());

/** One short digest for each property that is set, as a label's value. Variables count as they are written. */
export function fingerprint(configuration: Configuration): string {
  const digests = shaping.flatMap((property) => {
    const value: unknown = configuration[property];
    return value === undefined ? [] : [[property, digest(value)] as const];
  });
  return JSON.stringify(Object.fromEntries(digests));
}

/**
 * What has changed in the configuration since a container was made: names of properties, empty if nothing has.
 * Nothing is known of a container that another tool made.
 */
export function changedProperties(label: string | undefined, configuration: Configuration): string[] {
  if (label === undefined) return [];
  const before = readFingerprint(label);
  const now = readFingerprint(fingerprint(configuration));
  return shaping.filter((property) => before?.[property] !== now?.[property]);
}

function readFingerprint(label: string): Record<string, string> | undefined {
  try {
    return Fingerprint.parse(JSON.parse(label));
  } catch {
    // Written by somebody else under our name: everything counts as changed.
    return undefined;
  }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
