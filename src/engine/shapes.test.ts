import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { secretsOf } from './calls/env.ts';
import { toStat } from './calls/files.ts';
import { toSummary } from './calls/summary.ts';
import { openSockets } from './host/agent.ts';
import { filters, segment } from './path.ts';

const raw = {
  Id: 'c1',
  Names: ['/other/db', '/web'],
  Image: 'i',
  ImageID: 'sha256:1',
  State: 'running',
  Status: 'Up',
  Created: 1795297853,
  Labels: null,
};

test('a summary has its own name, not that of a link, and ms', () => {
  expect(toSummary({ ...raw, NetworkSettings: { Networks: { shop: {} } } })).toEqual({
    id: 'c1',
    name: 'web',
    image: 'i',
    imageId: 'sha256:1',
    state: 'running',
    status: 'Up',
    createdAt: 1795297853000,
    labels: {},
    networks: ['shop'],
  });
  expect(toSummary({ ...raw, Names: null }).name).toBe('c1');
});

test('Go file modes', () => {
  const stat = (mode: number) => toStat({ name: 'x', size: 1, mode, mtime: 't' });
  expect(stat(2 ** 31 + 0o755)).toMatchObject({ isDirectory: true, isLink: false, mode: 0o755 });
  expect(stat(2 ** 27 + 0o777)).toMatchObject({ isDirectory: false, isLink: true, isFile: false, mode: 0o777 });
  expect(stat(2 ** 24 + 0o755)).toMatchObject({ isDirectory: false, isSocket: true, isFile: false, mode: 0o755 });
  expect(stat(2 ** 23 + 0o755)).toMatchObject({ isDirectory: false, isFile: true, isSocket: false, mode: 0o4755 });
  // a device, a pipe, a socket, a character device
  for (const bits of [2 ** 26, 2 ** 25, 2 ** 24, 2 ** 26 + 2 ** 21])
    expect(stat(bits + 0o600)).toMatchObject({ isDirectory: false, isLink: false, isFile: false });
  expect(stat(2 ** 31 + 2 ** 20 + 0o777)).toMatchObject({ isDirectory: true, mode: 0o1777 });
});

test('an id is one part of the path', () => {
  expect(segment('shop/web:1@sha256')).toBe('shop%2Fweb%3A1%40sha256');
  expect(() => segment('..')).toThrow('is no id');
  expect(() => segment('')).toThrow('is no id');
});

test('filters', () => {
  expect(filters({ label: ['a=b'], type: undefined })).toBe('{"label":["a=b"]}');
  expect(filters({ label: [] })).toBeUndefined();
});

test('what of the environment must not be shown', () => {
  expect(secretsOf(['POSTGRES_USER=postgres', 'DB_PASSWORD=a=b', 'EMPTY='])).toEqual(['POSTGRES_USER=postgres', 'DB_PASSWORD=a=b', 'a=b']);
  expect(secretsOf(undefined)).toEqual([]);
});

test('the sockets are not walked by the modem, which prints them at every request', () => {
  const { agent, destroy } = openSockets({ secure: false }, () => {});
  expect(inspect({ agent }, { showHidden: true, depth: null })).toBe('{ agent: Agent }');
  destroy();
});
