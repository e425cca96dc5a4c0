/**
 * HTTP to registries: no request without time limits, and redirects followed by our own rules (security.md): nothing secret goes to
 * another origin, TLS is never left, and the address policy holds for every origin but the one the user named.
 */
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';
import { Agent, request } from 'undici';
import { EngineError } from '../error';
import { guardedLookup, isLoopbackHost, refuseAddress } from './address-policy';

const connectTimeoutMs = 10_000;
const headersTimeoutMs = 30_000;
/** Between two pieces of a body. */
const idleTimeoutMs = 30_000;
const maxRedirects = 5;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

export interface TransportRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent to the first origin only. */
  readonly authorization?: string | undefined;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** To be read to its end or destroyed. */
  readonly body: Readable;
}

/** Who named the first host of a request: the user, or a registry (then the address policy holds for it as well). */
export type NamedBy = 'user' | 'registry';

interface Agents {
  /** For hosts that the user named. */
  readonly named: Agent;
  /** For hosts that a registry named. */
  readonly guarded: Agent;
  /** The same, for a registry on this machine. */
  readonly guardedLocal: Agent;
}

/** Node's own authorities, the machine's (update-ca-certificates), and those of the configuration. */
function trustedAuthorities(files: readonly string[]): string[] {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw new EngineError(
        500,
        'certificate-file',
        `The certificate file ${path}, named in registryCertificates of Berth's configuration, cannot be read. Correct the path or the file, then restart the helper.`,
        { cause },
      );
    }
  };
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...files.map(read)])];
}

function makeAgents(files: readonly string[]): Agents {
  const ca = trustedAuthorities(files);
  const agent = (lookup?: ReturnType<typeof guardedLookup>) =>
    new Agent({
      connect: { timeout: connectTimeoutMs, ca, ...(lookup === undefined ? {} : { lookup }) },
      headersTimeout: headersTimeoutMs,
      bodyTimeout: idleTimeoutMs,
      allowH2: false,
      maxHeaderSize: 32_768,
    });
  return { named: agent(), guarded: agent(guardedLookup(false)), guardedLocal: agent(guardedLookup(true)) };
}

export class RegistryTransport {
  private agents: Agents | undefined;

  /** @param certificates paths of PEM files with further certificate authorities; read at the first request */
  constructor(private readonly certificates: readonly string[] = []) {}

  /**
   * @param local the registry is on this machine: then, and only then, plain HTTP and loopback addresses are allowed
   * @throws EngineError 403 for a refused target; undici's errors for the rest
   */
  async send(
    start: URL,
    namedBy: NamedBy,
    local: boolean,
    options: TransportRequest,
  ): Promise<TransportResponse> {
    const agents = (this.agents ??= makeAgents(this.certificates));
    let url = start;
    let foreign = namedBy === 'registry';
    let authorization = options.authorization;
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      judgeUrl(url, foreign, local);
      const response = await request(url, {
        dispatcher: foreign ? (local ? agents.guardedLocal : agents.guarded) : agents.named,
        method: options.method ?? 'GET',
        headers: {
          'user-agent': 'berth',
          ...options.headers,
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: options.body ?? null,
        signal: options.signal,
      });
      const location = response.headers['location'];
      if (
        !redirectStatuses.has(response.statusCode) ||
        options.method === 'POST' ||
        typeof location !== 'string'
      ) {
        return { status: response.statusCode, headers: response.headers, body: response.body };
      }
      response.body.on('error', () => undefined).destroy();
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (next === undefined)
        throw new EngineError(400, 'bad-redirect', 'The registry redirects to something that is not a URL.');
      if (next.origin !== url.origin) {
        foreign = true;
        authorization = undefined;
      }
      url = next;
    }
    throw new EngineError(
      400,
      'too-many-redirects',
      `The registry redirects more than ${maxRedirects} times.`,
    );
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.agents ?? {}).map((agent: Agent) => agent.destroy()));
  }
}

function judgeUrl(url: URL, foreign: boolean, local: boolean): void {
  const plainAllowed = local && isLoopbackHost(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && plainAllowed)) {
    throw new EngineError(
      403,
      'address-refused',
      `The registry points to ${url.protocol}//${url.host}, which is not HTTPS. Berth speaks to registries over TLS only, but for those on this machine's loopback.`,
    );
  }
  if (url.username !== '' || url.password !== '')
    throw new EngineError(
      403,
      'address-refused',
      'The registry points to a URL with a password in it; Berth does not follow that.',
    );
  const refused = foreign ? refuseAddress(url.hostname.replace(/^\[|\]$/g, ''), local) : undefined;
  if (refused !== undefined) throw refused;
}

/** Reads a body that is expected to be small. @throws EngineError 400 `response-too-large` */
export async function readBounded(body: Readable, maxBytes: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes)
      throw new EngineError(
        400,
        'response-too-large',
        `The registry's ${what} is larger than ${maxBytes} bytes, the most that Berth takes.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Lets go of a body that nobody reads. */
export function discard(body: Readable): void {
  body.on('error', () => undefined).destroy();
}
