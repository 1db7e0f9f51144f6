import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Window } from '../domain/drill.ts';
import { inWindow } from '../domain/window.ts';
import { nextOpening } from './window.ts';

const minute = 60_000;
const night: Window = { days: [5], from: 22 * 60, to: 4 * 60, timezone: 'Europe/Berlin' };

it.each([
  ['inside already', '2026-06-05T21:00:00Z', '2026-06-05T21:00:00Z'],
  ['the morning after belongs to the day it began on', '2026-06-06T01:59:00Z', '2026-06-06T01:59:00Z'],
  ['just closed: a week later', '2026-06-06T02:00:00Z', '2026-06-12T20:00:00Z'],
  ['the evening before', '2026-06-05T12:34:00Z', '2026-06-05T20:00:00Z'],
])('opens: %s', (_, at, expected) => {
  expect(new Date(nextOpening(night, Date.parse(at)) ?? 0).toISOString()).toBe(expected.replace('Z', '.000Z'));
});

it('opens in a repeated hour again, in a skipped one at its end, and never where only the gap would hold it', () => {
  const at = (window: Partial<Window>, from: string) => {
    const opening = nextOpening({ days: [7], from: 120, to: 150, timezone: 'Europe/Berlin', ...window }, Date.parse(from));
    return opening === null ? null : new Date(opening).toISOString().slice(0, 16);
  };
  expect(at({}, '2026-10-25T00:40:00Z')).toBe('2026-10-25T01:00');
  expect(at({ to: 210 }, '2026-03-29T00:00:00Z')).toBe('2026-03-29T01:00');
  expect(at({}, '2026-03-29T00:00:00Z')).toBe('2026-04-05T00:00');
  expect(at({ days: [] }, '2026-03-29T00:00:00Z')).toBeNull();
});

it('is the first minute that inWindow says yes to', () => {
  const window = fc.record({
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    from: fc.integer({ min: 0, max: 1439 }),
    to: fc.integer({ min: 0, max: 1440 }),
    timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/New_York'),
  });
  const start = fc
    .constantFrom('2026-03-29', '2026-10-25', '2026-04-05', '2026-10-04', '2026-11-01', '2026-06-10')
    .map((date) => Date.parse(date));
  fc.assert(
    fc.property(window, start, fc.integer({ min: -1500, max: 1500 }), (given, date, minutes) => {
      const at = date + minutes * minute;
      const opening = nextOpening(given, at);
      let expected: number | null = null;
      for (let tried = at; tried < at + 1500 * minute && expected === null; tried += minute) if (inWindow(given, tried)) expected = tried;
      if (expected === null) expect(opening === null || opening >= at + 1500 * minute).toBe(true);
      else expect(opening).toBe(expected);
    }),
    { numRuns: 25 },
  );
}, 120_000);
