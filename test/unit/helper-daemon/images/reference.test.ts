import { describe, expect, test } from 'vitest';
import {
  canonicalName,
  familiarName,
  familiarReference,
  parseReference,
  parseRepository,
  parseTag,
} from '../../../../helper-daemon/images/reference';

const digest = `sha256:${'a'.repeat(64)}`;
const canonical = (text: string) => {
  const { repository, tag, digest: found } = parseReference(text);
  return `${canonicalName(repository)}${tag === undefined ? '' : `:${tag}`}${found === undefined ? '' : `@${found}`}`;
};

describe('names become canonical as Docker makes them', () => {
  test.each([
    ['redis', 'docker.io/library/redis'],
    ['redis:7', 'docker.io/library/redis:7'],
    ['library/redis', 'docker.io/library/redis'],
    ['bitnami/redis', 'docker.io/bitnami/redis'],
    ['docker.io/redis', 'docker.io/library/redis'],
    ['index.docker.io/redis', 'docker.io/library/redis'],
    ['localhost/a', 'localhost/a'],
    ['localhost:5000/a/b:1', 'localhost:5000/a/b:1'],
    ['127.0.0.1:5000/a', '127.0.0.1:5000/a'],
    ['[::1]:5000/a', '[::1]:5000/a'],
    ['ghcr.io/o/r', 'ghcr.io/o/r'],
    ['HOST/a', 'HOST/a'],
    ['a_b/c__d-e.f', 'docker.io/a_b/c__d-e.f'],
    [`redis@${digest}`, `docker.io/library/redis@${digest}`],
    [`redis:7@${digest}`, `docker.io/library/redis:7@${digest}`],
  ])('%s → %s', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });
});

test('familiar names are what users typed', () => {
  for (const name of ['redis', 'bitnami/redis', 'localhost:5000/a/b', 'ghcr.io/o/r']) {
    expect(familiarName(parseRepository(name))).toBe(name);
  }
  // `library/a/b` must not be shortened into another repository's name.
  expect(familiarName({ domain: 'docker.io', path: 'library/a/b' })).toBe('library/a/b');
  expect(familiarReference(parseReference('redis'))).toBe('redis:latest');
  expect(familiarReference(parseReference(`redis:7@${digest}`))).toBe(`redis@${digest}`);
});

describe('everything else is refused with Docker’s words', () => {
  test.each([
    '',
    ' ',
    'redis:',
    ':7',
    'a//b',
    '/a',
    'a/',
    '../a',
    'a/../b',
    'a b',
    'a:b:c',
    'redis@sha256:abc',
    `redis@sha256:${'A'.repeat(64)}`,
    `redis@sha512:${'a'.repeat(128)}`,
    `redis@${digest}x`,
    `sha256:../${'a'.repeat(61)}@${digest}`,
    '-a',
    'a-',
    'a..b',
    'a___b',
    `redis:${'x'.repeat(129)}`,
    'x'.repeat(256),
    'host_name:5000/a',
    'localhost:123456/a',
    'a\n',
    'a\0',
    'redis:.x',
  ])('%j', (text) => {
    expect(() => parseReference(text)).toThrow(/^invalid reference format/);
  });

  test('capitals and bare ids are told apart', () => {
    expect(() => parseReference('Redis')).toThrow(
      'invalid reference format: repository name (library/Redis) must be lowercase',
    );
    expect(() => parseReference('a'.repeat(64))).toThrow('cannot specify 64-byte hexadecimal strings');
    expect(() => parseTag('a/b')).toThrow('invalid reference format');
  });
});
