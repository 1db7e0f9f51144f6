import { expect, test } from 'vitest';
import { isReadableSecret } from './secrets.ts';

const file = { name: 'x', size: 1, mode: 0o600, isDirectory: false, isLink: false, isSocket: false, isFile: true, modifiedAt: '' };

test.for([
  ['/srv/shop/password', file, true],
  ['/runner/password', file, true],
  ['/run/user/1000/password', file, false],
  ['/var/run/password', file, false],
  ['/dev/shm/password', file, false],
  ['/proc/1/environ', file, false],
  ['/srv/engine.sock', file, false],
  ['/srv/engine', { ...file, isFile: false }, false],
  ['/srv/gone', null, false],
] as const)('%s', ([source, stat, may]) => {
  expect(isReadableSecret(source, stat)).toBe(may);
});
