import { expect, test } from 'vitest';
import { isAlive } from './reach-connect.ts';

test('a connection is known by both of its ends', () => {
  const end = (address: string, port: number) => ({ address, port, words: [] });
  const other = { local: end('10.0.0.2', 40_000), remote: end('10.0.0.8', 80), state: 1, unanswered: 0, inode: 1 };
  const dead = { ...other, remote: end('10.0.0.9', 80), unanswered: 2 };
  const held = { localPort: 40_000, address: '10.0.0.9', port: 80 };
  expect(isAlive(held, [dead, other])).toBe(false);
  expect(isAlive(held, [other])).toBe(false);
  expect(
    isAlive(held, [
      { ...other, state: 4 },
      { ...dead, remote: end('10.0.0.9', 81), unanswered: 0 },
    ]),
  ).toBe(false);
  expect(isAlive({ ...held, address: '10.0.0.8' }, [dead, other])).toBe(true);
});
