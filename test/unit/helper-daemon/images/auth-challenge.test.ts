import { expect, test } from 'vitest';
import { parseChallenge } from '../../../../helper-daemon/images/auth-challenge';

test('Docker Hub’s challenge', () => {
  expect(
    parseChallenge(
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/redis:pull"',
    ),
  ).toEqual({
    scheme: 'bearer',
    realm: 'https://auth.docker.io/token',
    service: 'registry.docker.io',
    scope: 'repository:library/redis:pull',
  });
});

test('commas and quotes inside quotes, spaces around, unquoted values', () => {
  expect(parseChallenge('bearer  realm = "https://a/t?x=1,2" , scope="a \\"b\\"", service=s')).toEqual({
    scheme: 'bearer',
    realm: 'https://a/t?x=1,2',
    service: 's',
    scope: 'a "b"',
  });
});

test('a token is preferred to a password, the first realm counts', () => {
  expect(parseChallenge(['Basic realm="x"', 'Bearer realm="https://a"'])).toMatchObject({ scheme: 'bearer' });
  expect(parseChallenge('Bearer realm="https://a",realm="https://evil"')).toMatchObject({
    realm: 'https://a',
  });
  expect(parseChallenge('Basic realm="x"')).toEqual({ scheme: 'basic' });
});

test.each([
  undefined,
  '',
  'Negotiate',
  'Bearer',
  'Bearer scope="x"',
  `Bearer realm="${'x'.repeat(9000)}"`,
  'Bearer realm="unfinished',
])('%j: nothing to answer with', (header) => {
  expect(parseChallenge(header)).toBeUndefined();
});
