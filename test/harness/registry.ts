/** A real registry for tests: Debian's docker-registry on a port of 127.0.0.1 that the kernel chose, with its storage in a temporary directory. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './daemon';
import { run } from './run';

export interface TestRegistry {
  /** `127.0.0.1:port`, as it stands before the first slash of an image's name. */
  readonly host: string;
  /** Holds what the registry stores; for tests that damage it. */
  readonly directory: string;
  /** PEM file of the authority that signed its certificate; undefined = plain HTTP. */
  readonly authority: string | undefined;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** Ends the process; the port refuses connections from then on. */
  stop(): Promise<void>;
  /**
   * Copies an image into the registry with skopeo.
   * @param source as skopeo names it: `oci:DIRECTORY:NAME`, `docker-archive:FILE`
   * @param name repository and tag: `team/app:1`
   * @returns its full name
   */
  push(source: string, name: string, options?: readonly string[]): Promise<string>;
}

/** A port that was free a moment ago. Nobody else on the machine picks ports of 127.0.0.1 by number. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

/** bcrypt, the only kind that docker-registry reads, by the htpasswd of Python's crypt module. */
async function htpasswd(username: string, password: string): Promise<string> {
  const script = 'import crypt,sys; print(crypt.crypt(sys.argv[1], crypt.mksalt(crypt.METHOD_BLOWFISH)))';
  const { code, stdout, stderr } = await run(['python3', '-W', 'ignore', '-c', script, password]);
  if (code !== 0) throw new Error(`no bcrypt hash: ${stderr}`);
  return `${username}:${stdout.trim()}\n`;
}

/** An authority and a certificate of 127.0.0.1 that it signed, for this registry alone. */
async function certificates(
  directory: string,
): Promise<{ authority: string; certificate: string; key: string }> {
  const at = (name: string) => join(directory, name);
  const openssl = async (...words: string[]) => {
    const { code, stderr } = await run(['openssl', ...words]);
    if (code !== 0) throw new Error(`openssl ${words.join(' ')}: ${stderr}`);
  };
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const [authority, authorityKey, key, request, certificate, names] = [
    'ca.pem',
    'ca.key',
    'key.pem',
    'request.pem',
    'certificate.pem',
    'names',
  ].map(at) as [string, string, string, string, string, string];
  await openssl(
    'req',
    '-x509',
    ...fresh,
    '-subj',
    '/CN=test authority',
    '-days',
    '2',
    '-keyout',
    authorityKey,
    '-out',
    authority,
  );
  await openssl('req', '-new', ...fresh, '-subj', '/CN=127.0.0.1', '-keyout', key, '-out', request);
  writeFileSync(names, 'subjectAltName=IP:127.0.0.1');
  await openssl(
    'x509',
    '-req',
    '-in',
    request,
    '-CA',
    authority,
    '-CAkey',
    authorityKey,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    names,
    '-out',
    certificate,
  );
  return { authority, certificate, key };
}

/**
 * @param options.login the registry asks for a name and a password, made up for it alone
 * @param options.tls it speaks HTTPS, with a certificate of an authority that nobody knows
 */
export async function startRegistry(options: { login?: boolean; tls?: boolean } = {}): Promise<TestRegistry> {
  const directory = mkdtempSync(join(tmpdir(), 'berth-registry-'));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const credentials =
    options.login === true ? { username: 'tester', password: randomBytes(9).toString('hex') } : undefined;
  const tls = options.tls === true ? await certificates(directory) : undefined;
  const configuration: Record<string, unknown> = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'storage') }, delete: { enabled: true } },
    http: {
      addr: host,
      ...(tls === undefined ? {} : { tls: { certificate: tls.certificate, key: tls.key } }),
    },
  };
  if (credentials !== undefined) {
    writeFileSync(join(directory, 'htpasswd'), await htpasswd(credentials.username, credentials.password));
    configuration['auth'] = { htpasswd: { realm: 'test', path: join(directory, 'htpasswd') } };
  }
  // JSON is YAML.
  writeFileSync(join(directory, 'config.yml'), JSON.stringify(configuration));
  const child = spawn('docker-registry', ['serve', join(directory, 'config.yml')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await eventually('the registry answers', async () => {
      if (child.exitCode !== null) throw new Error(`docker-registry ended: ${log}`);
      return listens(port);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host,
    directory,
    authority: tls?.authority,
    credentials,
    stop,
    async push(source, name, extra = []) {
      const login =
        credentials === undefined ? [] : ['--dest-creds', `${credentials.username}:${credentials.password}`];
      const full = `${host}/${name}`;
      const { code, stderr } = await run([
        'skopeo',
        'copy',
        '--quiet',
        '--dest-tls-verify=false',
        '--preserve-digests',
        ...login,
        ...extra,
        source,
        `docker://${full}`,
      ]);
      if (code !== 0) throw new Error(`skopeo copy ${source} ${full}: ${stderr}`);
      return full;
    },
  };
}
