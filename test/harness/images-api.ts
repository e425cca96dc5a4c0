/** Images over the engine's API, as a client sees them: progress lines, and what is left on the disk afterwards. */
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { call } from './daemon';

export interface Line {
  readonly id?: string;
  readonly status?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

export interface Progressed {
  readonly httpStatus: number;
  readonly lines: readonly Line[];
  /** Of the last line, or of the error answer. */
  readonly error: string | undefined;
}

const parse = (httpStatus: number, body: string): Progressed => {
  if (httpStatus !== 200)
    return { httpStatus, lines: [], error: (JSON.parse(body) as { message: string }).message };
  const lines = body
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  return { httpStatus, lines, error: lines.at(-1)?.error };
};

/** POSTs and collects the answer; `onLine` may abort. */
function post(
  socketPath: string,
  path: string,
  headers: Record<string, string>,
  body: Readable | undefined,
  signal?: AbortSignal,
): Promise<Progressed> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath,
        method: 'POST',
        path,
        headers,
        agent: false,
        ...(signal === undefined ? {} : { signal }),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () => {
          resolve(parse(response.statusCode ?? 0, text));
        });
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    if (body === undefined) sent.end();
    else pipeline(body, sent).catch(reject);
  });
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** @param name with its tag or digest, as in `docker pull` */
export function pull(
  socket: string,
  name: string,
  options: { login?: Login; platform?: string; signal?: AbortSignal } = {},
): Promise<Progressed> {
  const at = name.indexOf('@');
  const colon = name.lastIndexOf(':');
  const cut = at !== -1 ? at : colon > name.lastIndexOf('/') ? colon : name.length;
  const query = new URLSearchParams({ fromImage: name.slice(0, cut), tag: name.slice(cut + 1) || 'latest' });
  if (options.platform !== undefined) query.set('platform', options.platform);
  const auth = Buffer.from(JSON.stringify(options.login ?? {})).toString('base64url');
  return post(
    socket,
    `/images/create?${query.toString()}`,
    { 'X-Registry-Auth': auth },
    undefined,
    options.signal,
  );
}

export function importTar(
  socket: string,
  tar: Buffer | Readable,
  repo: string,
  changes: readonly string[] = [],
): Promise<Progressed> {
  const query = new URLSearchParams({ fromSrc: '-', repo });
  for (const change of changes) query.append('changes', change);
  const body = Buffer.isBuffer(tar) ? Readable.from([tar]) : tar;
  return post(socket, `/images/create?${query.toString()}`, { 'Content-Type': 'application/x-tar' }, body);
}

/** What JSON can be; tests look into it as it is. */
type Json = ReturnType<JSON['parse']>;

export async function get(socket: string, path: string): Promise<Json> {
  const { status, body } = await call(socket, 'GET', path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`);
  return JSON.parse(body);
}

/** Everything of images that is on the disk of a helper with this root directory. */
export const stored = (root: string) => ({
  layers: readdirSync(join(root, 'layers')).sort(),
  blobs: readdirSync(join(root, 'blobs', 'sha256')).sort(),
});

/** Unfinished or doomed parts among it. */
export const unfinished = (root: string): string[] => {
  const { layers, blobs } = stored(root);
  return [...layers, ...blobs].filter((name) => !/^[0-9a-f]{64}$/.test(name));
};
