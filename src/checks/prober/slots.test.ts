import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextSlot } from './slots.ts';

test('the next slot is on the grid, after now, and no other lies between', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e9 }),
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: -60_000, max: 1e9 }),
      (origin, every, after) => {
        const now = origin + after;
        const next = nextSlot(origin, every, now);
        expect(Math.abs((next - origin) % every)).toBe(0);
        expect(next).toBeGreaterThan(now);
        expect(next - every).toBeLessThanOrEqual(now);
      },
    ),
  );
});
