import { expect, test } from 'vitest';
import { helperClock } from './helper-clock.ts';

test('the shortest round trip tells, until it is so old that the clocks may have drifted further', () => {
  const clock = helperClock();
  expect(clock.offset()).toBeNull();
  clock.trip(1_000, 5, 1_100);
  expect([clock.offset(), clock.uncertainty()]).toEqual([1_045, 50]);
  clock.trip(2_000, 1_001, 2_002);
  expect([clock.offset(), clock.uncertainty()]).toEqual([1_000, 1]);
  clock.trip(3_000, 1_900, 3_020);
  expect(clock.offset()).toBe(1_000);
  // 0.05 ms a second: after 200 s as much as this trip was longer
  clock.trip(202_000, 201_000, 202_020);
  expect([clock.offset(), clock.uncertainty()]).toEqual([1_010, 10]);
});
