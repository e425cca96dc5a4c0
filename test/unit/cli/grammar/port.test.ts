import { describe, expect, it } from 'vitest';
import { parseExposed, parsePublish } from '../../../../cli/grammar/port';

describe('-p', () => {
  it.each([
    ['80', [['80/tcp', '', '']]],
    ['8080:80', [['80/tcp', '', '8080']]],
    ['53:53/udp', [['53/udp', '', '53']]],
    ['127.0.0.1:8080:80', [['80/tcp', '127.0.0.1', '8080']]],
    ['127.0.0.1::80', [['80/tcp', '127.0.0.1', '']]],
    ['[::1]:8080:80', [['80/tcp', '::1', '8080']]],
    ['0:80', [['80/tcp', '', '0']]],
    [
      '8000-8001:80-81',
      [
        ['80/tcp', '', '8000'],
        ['81/tcp', '', '8001'],
      ],
    ],
    ['8000-8010:80', [['80/tcp', '', '8000-8010']]],
    [
      '80-81',
      [
        ['80/tcp', '', ''],
        ['81/tcp', '', ''],
      ],
    ],
  ])('%s', (text, expected) => {
    expect(parsePublish(text).map((port) => [port.container, port.hostIp, port.hostPort])).toEqual(expected);
  });

  it.each([
    ['99999:80', 'invalid hostPort: 99999'],
    ['80:x', 'invalid containerPort: x'],
    ['80:80/sctq', 'invalid proto: sctq'],
    ['300.1.1.1:80:80', 'invalid IP address: 300.1.1.1'],
    ['80-82:80-81', 'invalid ranges'],
    ['82-80:80', 'invalid hostPort'],
    ['8080:', 'no port specified'],
  ])('refuses %s', (text, message) => {
    expect(() => parsePublish(text)).toThrow(message);
  });
});

it('--expose takes ranges and protocols', () => {
  expect(parseExposed('80')).toEqual(['80/tcp']);
  expect(parseExposed('5000-5002/udp')).toEqual(['5000/udp', '5001/udp', '5002/udp']);
});
