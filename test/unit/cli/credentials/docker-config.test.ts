import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  credentialsFor,
  removeCredentials,
  storeCredentials,
} from '../../../../cli/credentials/docker-config';

let directory: string;
let environment: Record<string, string>;
let before: string | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-credentials-'));
  environment = { DOCKER_CONFIG: directory };
  before = process.env['PATH'];
});
afterEach(() => {
  process.env['PATH'] = before;
  rmSync(directory, { recursive: true });
});
const file = () => join(directory, 'config.json');

describe('stored credentials', () => {
  it('are found again, are readable by their owner only, and leave the rest of the file alone', async () => {
    writeFileSync(file(), JSON.stringify({ psFormat: 'x', auths: { 'other.example': { auth: 'YTpi' } } }));
    storeCredentials('localhost:5000', { username: 'me', password: 'p:w' }, environment);
    expect(await credentialsFor('localhost:5000', environment)).toMatchObject({
      username: 'me',
      password: 'p:w',
    });
    expect(await credentialsFor('other.example', environment)).toMatchObject({
      username: 'a',
      password: 'b',
    });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ psFormat: 'x' });
  });

  it('of Docker Hub have their historical key', async () => {
    storeCredentials('docker.io', { username: 'me', password: 'pw' }, environment);
    expect(Object.keys((JSON.parse(readFileSync(file(), 'utf8')) as { auths: object }).auths)).toEqual([
      'https://index.docker.io/v1/',
    ]);
    expect(await credentialsFor('docker.io', environment)).toMatchObject({ username: 'me' });
  });

  it('can be forgotten, and need not exist', async () => {
    expect(await credentialsFor('localhost:5000', environment)).toBeUndefined();
    expect(removeCredentials('localhost:5000', environment)).toBe(false);
    expect(existsSync(file())).toBe(false);
    storeCredentials('localhost:5000', { username: 'me', password: 'pw' }, environment);
    expect(removeCredentials('localhost:5000', environment)).toBe(true);
    expect(await credentialsFor('localhost:5000', environment)).toBeUndefined();
  });

  it('in a file that is broken are an error that names it', async () => {
    writeFileSync(file(), '{');
    await expect(credentialsFor('x', environment)).rejects.toThrow(file());
  });

  it('come from a helper program when one is configured', async () => {
    const helper = join(directory, 'docker-credential-test');
    writeFileSync(helper, '#!/bin/sh\nread key\nprintf \'{"Username":"<token>","Secret":"%s"}\' "$key"\n');
    chmodSync(helper, 0o755);
    process.env['PATH'] = `${directory}:${before ?? ''}`;
    writeFileSync(file(), JSON.stringify({ credHelpers: { 'r.example': 'test', 's.example': 'absent' } }));
    expect(await credentialsFor('r.example', environment)).toEqual({
      serveraddress: 'r.example',
      identitytoken: 'r.example',
    });
    await expect(credentialsFor('s.example', environment)).rejects.toThrow('docker-credential-absent failed');
  });
});
