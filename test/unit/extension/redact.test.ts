import { expect, test } from 'vitest';
import { redact } from '../../../extension/redact';

test.each([
  ['http://127.0.0.1:4000/?tkn=abcDEF123&folder=/w', 'http://127.0.0.1:4000/?tkn=•••&folder=/w'],
  ['Authorization: Bearer eyJhbGciOi.J9', 'Authorization: Bearer •••'],
  ['{"username":"ada","password":"hunter2"}', '{"username":"ada","password":"•••"}'],
  ['https://ada:hunter2@registry.example/v2/', 'https://ada:•••@registry.example/v2/'],
])('hides the secret of %s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test('leaves what holds no secret as it is', () => {
  const text = 'cannot start container web: exec "/bin/auth-proxy": no such file or directory';
  expect(redact(text)).toBe(text);
});
