import { describe, expect, test } from 'vitest';
import { isLocalSocket, parseAddress } from './address.ts';

describe('parseAddress', () => {
  test.each([
    ['unix:///var/run/docker.sock', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['unix:///tmp/with space/docker.sock', { kind: 'unix', path: '/tmp/with space/docker.sock' }],
    ['tcp://127.0.0.1', { kind: 'tcp', host: '127.0.0.1', port: 2375, tls: null }],
    ['127.0.0.1:4243', { kind: 'tcp', host: '127.0.0.1', port: 4243, tls: null }],
    ['tcp://[::1]:2375', { kind: 'tcp', host: '::1', port: 2375, tls: null }],
    ['https://docker.example', { kind: 'tcp', host: 'docker.example', port: 2376, tls: {} }],
    ['ssh://ops@staging-1:2222', { kind: 'ssh', host: 'staging-1', port: 2222, user: 'ops' }],
    ['ssh://staging-1', { kind: 'ssh', host: 'staging-1', port: null, user: null }],
  ])('%s', (host, expected) => {
    expect(parseAddress('e', host)).toEqual(expected);
  });

  test('TLS makes another machine acceptable, as does saying that it is meant', () => {
    const tls = { ca: '/ca.pem', cert: '/cert.pem', key: '/key.pem' };
    expect(parseAddress('e', 'tcp://10.0.0.7', { tls })).toEqual({ kind: 'tcp', host: '10.0.0.7', port: 2376, tls });
    expect(parseAddress('e', 'tcp://10.0.0.7:2375', { insecure: true })).toEqual({ kind: 'tcp', host: '10.0.0.7', port: 2375, tls: null });
  });

  test.each([
    ['tcp://10.0.0.7:2375', 'TCP without TLS to another machine'],
    ['tcp://127.0.0.1.evil.example:2375', 'TCP without TLS to another machine'],
    ['unix://docker.sock', 'absolute path'],
    ['npipe:////./pipe/docker_engine', 'npipe:// is not known'],
    ['ssh://host/run/docker.sock', 'a path after an SSH host'],
    ['tcp://', 'it names no host'],
    ['ssh://', 'it names no host'],
    ['tcp://127.0.0.1:99999', 'it is not an address'],
    ['', 'it names no host'],
  ])('refuses %s', (host, why) => {
    expect(() => parseAddress('e', host)).toThrow(why);
  });

  test('a password in the address is refused and not repeated', () => {
    expect(() => parseAddress('e', 'tcp://me:hunter2@127.0.0.1:2375')).toThrow('tcp://…@127.0.0.1:2375');
    expect(() => parseAddress('e', 'tcp://me:hunter2@127.0.0.1:2375')).not.toThrow('hunter2');
  });
});

test('only a unix socket is local', () => {
  expect(isLocalSocket('unix:///var/run/docker.sock')).toBe(true);
  expect(isLocalSocket('tcp://127.0.0.1:2375')).toBe(false);
  expect(isLocalSocket('ssh://localhost')).toBe(false);
});
