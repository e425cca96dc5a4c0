/** One caller's way to one repository: scheme, challenge, token. Credentials and tokens live as long as the session and are written nowhere. */
import { z } from 'zod';
import { EngineError } from '../error';
import { parseChallenge } from './auth-challenge';
import type { Challenge } from './auth-challenge';
import { parseJson } from './manifest';
import type { Repository } from './reference';
import { TransientError, unreachable, wrongCredentials } from './registry-error';
import { apiHost, isLocalRegistry } from './registry-host';
import type { Credentials } from './registry-host';
import { discard, readBounded } from './registry-transport';
import type { RegistryTransport, TransportResponse } from './registry-transport';
import { withRetries } from './retry';

const maxTokenBytes = 256 * 1024;
const tokenAnswer = z.object({ token: z.string().optional(), access_token: z.string().optional() });
const transientStatuses = new Set([408, 429, 500, 502, 503, 504]);

export class RegistrySession {
  private authorization: string | undefined;

  private constructor(
    private readonly transport: RegistryTransport,
    private readonly base: URL,
    readonly domain: string,
    /** Undefined only asks whether the credentials are right. */
    private readonly repository: Repository | undefined,
    private readonly credentials: Credentials | undefined,
  ) {}

  /**
   * Finds out how the registry is spoken to: HTTPS always, but on this machine plain HTTP when TLS is not what answers.
   * @throws EngineError 503 `registry-unreachable`, `registry-certificate`
   */
  static async open(
    transport: RegistryTransport,
    domain: string,
    repository: Repository | undefined,
    credentials: Credentials | undefined,
    signal: AbortSignal,
  ): Promise<RegistrySession> {
    const local = isLocalRegistry(domain);
    const at = (scheme: string) =>
      new RegistrySession(
        transport,
        new URL(`${scheme}://${apiHost(domain)}/v2/`),
        domain,
        repository,
        credentials,
      );
    if (!local) return at('https');
    try {
      const probe = await withRetries(signal, () =>
        transport.send(at('https').base, 'user', local, { signal }).catch(refuseTls),
      );
      discard(probe.body);
      return at('https');
    } catch (error) {
      if (error instanceof NotTls) return at('http');
      throw unreachable(domain, error);
    }
  }

  get hasCredentials(): boolean {
    return this.credentials !== undefined;
  }

  /** The transport is not authenticated: whoever holds the port can answer. */
  get isPlain(): boolean {
    return this.base.protocol === 'http:';
  }

  /**
   * Authorised as the registry asks. Answers of any status are returned, but those that may pass by themselves are tried again.
   * @param path below `/v2/`
   * @throws EngineError 503 when the registry cannot be reached, 401 `wrong-credentials` from its token server
   */
  async get(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<TransportResponse> {
    try {
      return await withRetries(signal, () => this.once(path, headers, signal));
    } catch (error) {
      throw unreachable(this.domain, error);
    }
  }

  /** One attempt; network failures and transient statuses are thrown as they are. */
  async once(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<TransportResponse> {
    const send = () =>
      this.transport.send(new URL(path, this.base), 'user', isLocalRegistry(this.domain), {
        headers,
        signal,
        authorization: this.authorization,
      });
    let response = await send();
    if (response.status === 401) {
      const challenge = parseChallenge(response.headers['www-authenticate']);
      const authorization = challenge === undefined ? undefined : await this.authorize(challenge, signal);
      if (authorization === undefined || authorization === this.authorization) return response;
      discard(response.body);
      this.authorization = authorization;
      response = await send();
    }
    if (!transientStatuses.has(response.status)) return response;
    discard(response.body);
    throw new TransientError(`it answers ${response.status}`);
  }

  private async authorize(challenge: Challenge, signal: AbortSignal): Promise<string | undefined> {
    const credentials = this.credentials;
    if (challenge.scheme === 'basic')
      return credentials?.kind === 'password' ? basic(credentials) : undefined;
    if (credentials?.kind === 'registry') return `Bearer ${credentials.token}`;
    return `Bearer ${await this.fetchToken(challenge, signal)}`;
  }

  /** From the server that the registry's own challenge names: over TLS, or on this machine for a registry on this machine. */
  private async fetchToken(
    challenge: Challenge & { scheme: 'bearer' },
    signal: AbortSignal,
  ): Promise<string> {
    const local = isLocalRegistry(this.domain);
    if (!URL.canParse(challenge.realm))
      throw new EngineError(
        400,
        'bad-challenge',
        `The registry ${this.domain} names no usable token server.`,
      );
    const url = new URL(challenge.realm);
    const scope = this.repository === undefined ? challenge.scope : `repository:${this.repository.path}:pull`;
    const parameters = new URLSearchParams();
    if (challenge.service !== undefined) parameters.set('service', challenge.service);
    if (scope !== undefined) parameters.set('scope', scope);
    const named = url.origin === this.base.origin ? 'user' : 'registry';
    let response: TransportResponse;
    if (this.credentials?.kind === 'identity') {
      parameters.set('grant_type', 'refresh_token');
      parameters.set('client_id', 'berth');
      parameters.set('refresh_token', this.credentials.token);
      response = await this.transport.send(url, named, local, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: parameters.toString(),
        signal,
      });
    } else {
      for (const [key, value] of parameters) url.searchParams.set(key, value);
      const authorization = this.credentials?.kind === 'password' ? basic(this.credentials) : undefined;
      response = await this.transport.send(url, named, local, { signal, authorization });
    }
    if (transientStatuses.has(response.status)) {
      discard(response.body);
      throw new TransientError(`its token server answers ${response.status}`);
    }
    if (response.status !== 200) {
      discard(response.body);
      if (this.hasCredentials) throw wrongCredentials(this.domain);
      throw new EngineError(
        404,
        'pull-denied',
        `pull access denied for ${this.repository?.path ?? this.domain}, repository does not exist or may require 'docker login': the token server answered ${response.status}`,
      );
    }
    const body = await readBounded(response.body, maxTokenBytes, 'token');
    const answer = parseJson(
      tokenAnswer,
      body,
      (why) =>
        new EngineError(400, 'bad-token', `The token server of ${this.domain} gave no usable token: ${why}`),
    );
    const token = answer.token ?? answer.access_token;
    if (token === undefined || !/^[\x21-\x7e]+$/.test(token))
      throw new EngineError(400, 'bad-token', `The token server of ${this.domain} gave no usable token.`);
    return token;
  }
}

const basic = ({ username, password }: { username: string; password: string }) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** What answered the TLS greeting does not speak TLS. */
class NotTls extends Error {}

function refuseTls(error: unknown): never {
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? '') : '';
  if (/^(EPROTO|ERR_SSL_|ECONNRESET|UND_ERR_SOCKET)/.test(code)) throw new NotTls();
  throw error;
}
