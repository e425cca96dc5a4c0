/** The helper's configuration file and command line. Both are strict: what is not known is an error that names it. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { LogLevel } from './log';

const logLevels = ['debug', 'info', 'warn', 'error'] as const;

const configSchema = z.strictObject({
  /** Its members are administrators besides uid 0. */
  adminGroup: z.string().min(1).default('berth-admin'),
  logLevel: z.enum(logLevels).optional(),
  /** Block from which networks get their subnets. */
  addressPool: z.cidrv4().default('172.16.0.0/12'),
  /** The log of one container. */
  containerLog: z
    .strictObject({
      /** Bytes of one file. */
      maxSize: z
        .int()
        .min(65_536)
        .default(16 * 1024 * 1024),
      maxFiles: z.int().min(1).max(100).default(3),
    })
    .prefault({}),
  /** What one confined user may have; administrators have no such bounds. */
  quotas: z
    .strictObject({
      containers: z.int().min(1).default(500),
      /** Processes of one container that names no limit of its own. */
      processes: z.int().min(1).default(8192),
    })
    .prefault({}),
  /** PEM files of further certificate authorities that registries are trusted by. */
  registryCertificates: z.array(z.string()).default([]),
});
export type Config = z.output<typeof configSchema>;

export interface Settings {
  readonly root: string;
  readonly run: string;
  readonly socket: string;
  readonly warden: string | undefined;
  readonly logLevel: LogLevel;
  readonly config: Config;
}

const defaultConfigFile = '/etc/berth/config.json';

export const usage = `berthd [--root DIR] [--run DIR] [--socket PATH] [--config FILE] [--log-level debug|info|warn|error] [--warden PATH]`;

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** @param required a file that was named must exist; the usual one need not. @throws Error that names file, key and reason */
export function readConfig(file: string, required: boolean): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error) && !required) return configSchema.parse({});
    throw new Error(
      `The configuration file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(
      `The configuration file ${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success)
    throw new Error(`The configuration file ${file} is not valid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** @throws Error that says which argument is wrong */
export function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      root: { type: 'string' },
      run: { type: 'string' },
      socket: { type: 'string' },
      config: { type: 'string' },
      'log-level': { type: 'string' },
      warden: { type: 'string' },
    },
  });
  for (const name of ['root', 'run', 'socket'] as const) {
    if (values[name]?.startsWith('/') === false)
      throw new Error(`--${name} must be an absolute path, not ${values[name]}`);
  }
  const config = readConfig(values.config ?? defaultConfigFile, values.config !== undefined);
  const level = values['log-level'];
  const logLevel =
    level === undefined ? (config.logLevel ?? 'info') : logLevels.find((known) => known === level);
  if (logLevel === undefined)
    throw new Error(`--log-level must be one of ${logLevels.join(', ')}, not ${level ?? ''}`);
  const run = values.run ?? '/run/berth';
  return {
    root: values.root ?? '/var/lib/berth',
    run,
    socket: values.socket ?? `${run}/berth.sock`,
    warden: values.warden,
    logLevel,
    config,
  };
}
