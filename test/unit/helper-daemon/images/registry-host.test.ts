import { expect, test } from 'vitest';
import {
  credentialsFor,
  domainOfAddress,
  isLocalRegistry,
} from '../../../../helper-daemon/images/registry-host';

test('addresses as docker login writes them', () => {
  expect(domainOfAddress('https://index.docker.io/v1/')).toBe('docker.io');
  expect(domainOfAddress('')).toBe('docker.io');
  expect(domainOfAddress('https://ghcr.io')).toBe('ghcr.io');
  expect(domainOfAddress('localhost:5000')).toBe('localhost:5000');
});

test('plain HTTP is for this machine alone', () => {
  expect(['localhost:5000', '127.0.0.1:80', '[::1]:5000'].every(isLocalRegistry)).toBe(true);
  expect(['ghcr.io', '10.0.0.1:5000', 'localhost.evil.com', 'docker.io'].some(isLocalRegistry)).toBe(false);
});

test('credentials in every form that clients send', () => {
  expect(credentialsFor(undefined, 'x.io')).toBeUndefined();
  expect(credentialsFor({}, 'x.io')).toBeUndefined();
  expect(credentialsFor({ username: '', password: '' }, 'x.io')).toBeUndefined();
  expect(credentialsFor({ username: 'u', password: 'p' }, 'x.io')).toEqual({
    kind: 'password',
    username: 'u',
    password: 'p',
  });
  const auth = Buffer.from('u:p:q').toString('base64');
  expect(credentialsFor({ auth }, 'x.io')).toEqual({ kind: 'password', username: 'u', password: 'p:q' });
  expect(credentialsFor({ identitytoken: 't' }, 'x.io')).toEqual({ kind: 'identity', token: 't' });
});

test('and only for the registry that they belong to', () => {
  const login = { username: 'u', password: 'p' };
  expect(credentialsFor({ ...login, serveraddress: 'https://x.io' }, 'x.io')).toBeDefined();
  expect(
    credentialsFor({ ...login, serveraddress: 'https://index.docker.io/v1/' }, 'docker.io'),
  ).toBeDefined();
  expect(() => credentialsFor({ ...login, serveraddress: 'x.io' }, 'evil.io')).toThrow('they were not sent');
});
