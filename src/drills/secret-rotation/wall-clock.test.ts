import { expect, test } from 'vitest';
import { wallClock } from './wall-clock.ts';

const hour = 3_600_000;

test.each([
  ['goes on', 0, 10_000_000],
  ['is set forward', 6 * hour, 10_000_000],
  ['is set back', -hour, 10_000_000 - hour],
])('a clock that %s', (_, setBy, since) => {
  const at = { wall: 10_000_000, monotonic: 500 };
  const clock = wallClock({ now: () => at.wall, monotonic: () => at.monotonic, sleep: async () => undefined });
  at.wall += 3_000 + setBy;
  at.monotonic += 3_000;
  expect([clock.setBy(), clock.since()]).toEqual([setBy, since]);
});
