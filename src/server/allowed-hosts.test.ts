import { describe, expect, test } from 'vitest';
import { type HostRules, isLoopback, isOwnHost, isOwnOrigin } from './allowed-hosts.ts';

const rules: HostRules = { localAddress: '::ffff:192.0.2.7', localPort: 7500, names: ['pitwall.example', 'other.example:8443', 'fd00::1'] };

describe('Host', () => {
  test.each([
    'localhost:7500',
    'LOCALHOST:7500',
    '127.0.0.1:7500',
    '[::1]:7500',
    '192.0.2.7:7500',
    'pitwall.example',
    'pitwall.example:7500',
    'Other.Example:8443',
  ])('%s is ours', (host) => expect(isOwnHost(host, rules)).toBe(true));

  test.each([
    undefined,
    '',
    'evil.example:7500',
    'localhost',
    'localhost:7501',
    'localhost.evil.example:7500',
    '127.0.0.1.evil.example:7500',
    'evil.example#localhost:7500',
    'localhost:7500@evil.example',
    'pitwall.example:81',
    'other.example',
    '192.0.2.8:7500',
    '127.0.0.1:7500, localhost:7500',
    'localhost:075000',
  ])('%s is foreign', (host) => expect(isOwnHost(host, rules)).toBe(false));

  test('port 80 needs not be written', () => {
    expect(isOwnHost('localhost', { ...rules, localPort: 80 })).toBe(true);
  });
});

describe('Origin', () => {
  test.each([
    undefined,
    'http://localhost:7500',
    'http://127.0.0.1:7500',
    'http://[::1]:7500',
    'https://pitwall.example',
    'https://other.example:8443',
  ])('%s is ours', (origin) => expect(isOwnOrigin(origin, rules)).toBe(true));

  test.each([
    '',
    'null',
    'http://evil.example',
    'http://localhost',
    'http://localhost:3000',
    'file://localhost:7500',
    'http://localhost:7500/path',
    'http://user@localhost:7500',
    'http://localhost:7500.evil.example',
    'https://other.example',
  ])('%s is foreign', (origin) => expect(isOwnOrigin(origin, rules)).toBe(false));
});

test.each([
  ['127.0.0.1', true],
  ['127.9.8.7', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['192.0.2.1', false],
  ['::ffff:192.0.2.1', false],
  ['fe80::1%lo', false],
  [undefined, false],
])('%s is loopback: %s', (address, expected) => expect(isLoopback(address)).toBe(expected));
