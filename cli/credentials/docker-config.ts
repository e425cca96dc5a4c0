import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { BerthError } from '../../core/error';
import type { RegistryAuth } from '../../protocol/docker';

type Environment = Readonly<Record<string, string | undefined>>;

const entry = z.looseObject({ auth: z.string().optional(), identitytoken: z.string().optional() });
const config = z.looseObject({
  auths: z.record(z.string(), entry).optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});
type Config = z.output<typeof config>;

/** Docker Hub's historical name in the file. */
const hubKey = 'https://index.docker.io/v1/';

/** Where docker keeps it: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function configPath(environment: Environment): string {
  return join(
    environment['DOCKER_CONFIG'] ?? join(environment['HOME'] ?? homedir(), '.docker'),
    'config.json',
  );
}

function readConfig(path: string): Config {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  try {
    return config.parse(JSON.parse(content));
  } catch (error) {
    throw new BerthError(
      `Cannot read the registry credentials in ${path}`,
      error instanceof z.ZodError ? z.prettifyError(error) : String(error),
      'Correct or remove the file, then log in again with `berth login`.',
      { cause: error },
    );
  }
}

/** The key in the file for a registry's host. */
export function keyOf(registry: string): string {
  return registry === 'docker.io' || registry === 'index.docker.io' ? hubKey : registry;
}

const hostOf = (key: string) => key.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';

/** What the user has stored for a registry, undefined when there is nothing. Credential helpers are asked as docker asks them. */
export async function credentialsFor(
  registry: string,
  environment: Environment,
): Promise<RegistryAuth | undefined> {
  const { auths = {}, credHelpers = {}, credsStore } = readConfig(configPath(environment));
  const key = keyOf(registry);
  const helper = credHelpers[registry] ?? credsStore;
  if (helper !== undefined) {
    const found = await askHelper(helper, key);
    if (found !== undefined) return found;
  }
  const stored = auths[key] ?? Object.entries(auths).find(([each]) => hostOf(each) === registry)?.[1];
  if (stored === undefined) return undefined;
  const decoded = Buffer.from(stored.auth ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return {
    serveraddress: key,
    ...(colon === -1 ? {} : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }),
    ...(stored.identitytoken === undefined ? {} : { identitytoken: stored.identitytoken }),
  };
}

const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });

async function askHelper(name: string, key: string): Promise<RegistryAuth | undefined> {
  const program = `docker-credential-${name}`;
  const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  // A helper may answer without reading its input to the end.
  child.stdin.on('error', () => undefined);
  child.stdin.end(key);
  try {
    const [output, code] = await Promise.all([text(child.stdout), ended]);
    if (code !== 0) return undefined;
    const { Username: username, Secret: secret } = helperAnswer.parse(JSON.parse(output));
    const isToken = username === '<token>';
    return { serveraddress: key, ...(isToken ? { identitytoken: secret } : { username, password: secret }) };
  } catch (error) {
    throw new BerthError(
      `The credential helper ${program} failed`,
      error instanceof Error ? error.message : String(error),
      'It is named in ~/.docker/config.json (credsStore or credHelpers); install it or remove the entry.',
      { cause: error },
    );
  }
}

/** Stores credentials the way docker does (base64, mode 0600), replacing the file in one step. */
export function storeCredentials(registry: string, auth: RegistryAuth, environment: Environment): string {
  const path = configPath(environment);
  const current = readConfig(path);
  const encoded = Buffer.from(`${auth.username ?? ''}:${auth.password ?? ''}`).toString('base64');
  const stored = {
    auth: encoded,
    ...(auth.identitytoken === undefined || auth.identitytoken === ''
      ? {}
      : { identitytoken: auth.identitytoken }),
  };
  writeConfig(path, { ...current, auths: { ...current.auths, [keyOf(registry)]: stored } });
  return path;
}

/** Forgets a registry; false when nothing was stored for it. */
export function removeCredentials(registry: string, environment: Environment): boolean {
  const path = configPath(environment);
  const current = readConfig(path);
  const auths = Object.entries(current.auths ?? {});
  const kept = auths.filter(([key]) => key !== keyOf(registry) && hostOf(key) !== registry);
  if (kept.length === auths.length) return false;
  writeConfig(path, { ...current, auths: Object.fromEntries(kept) });
  return true;
}

function writeConfig(path: string, value: Config): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(value, undefined, '\t')}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}
