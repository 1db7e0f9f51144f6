import fc from 'fast-check';
import { expect, test } from 'vitest';
import { giveUpAfterMs, nextTry, retryAfter } from './backoff.ts';

test('doubles up to an hour, within a half by chance, and ends after a day', () => {
  const waits = (random: number) => {
    const found: number[] = [];
    let now = 0;
    for (let attempts = 1; ; attempts++) {
      const next = nextTry({ now, firstTriedAt: 0, attempts, retryAfterMs: null }, random);
      if (next === null) return found;
      found.push(next - now);
      now = next;
    }
  };
  expect(waits(1).slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
  expect(waits(0).slice(0, 4)).toEqual([2_500, 5_000, 10_000, 20_000]);
  expect(Math.max(...waits(1))).toBe(3_600_000);
  expect([waits(1).length, waits(0).length]).toEqual([32, 56]);
});

test('never sooner than was asked, never later than a day after the first try', () => {
  fc.assert(
    fc.property(
      fc.nat(1e9),
      fc.integer({ min: 1, max: 100 }),
      fc.option(fc.nat(2e8)),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (age, attempts, asked, random) => {
        const next = nextTry({ now: age, firstTriedAt: 0, attempts, retryAfterMs: asked }, random);
        if (next === null) {
          expect(age + Math.max(3_600_000, asked ?? 0)).toBeGreaterThan(giveUpAfterMs);
          return;
        }
        expect(next).toBeGreaterThanOrEqual(age + (asked ?? 2_500));
        expect(next).toBeLessThanOrEqual(giveUpAfterMs);
      },
    ),
  );
});

test('Retry-After: seconds, a date, or nothing that can be read', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(
    ['120', ' 7 ', 'Thu, 01 Jan 2026 00:01:00 GMT', 'Wed, 31 Dec 2025 00:00:00 GMT', 'soon', '-5', undefined].map((header) =>
      retryAfter(header, now),
    ),
  ).toEqual([120_000, 7_000, 60_000, 0, null, retryAfter('-5', now), null]);
});
