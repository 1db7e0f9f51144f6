import { expect, test } from 'vitest';
import type { Window } from './drill.ts';
import { inWindow, windowSentence } from './window.ts';

const office: Window = { days: [1, 2, 3, 4, 5], from: 9 * 60, to: 17 * 60, timezone: 'Europe/Amsterdam' };
const night: Window = { days: [5], from: 22 * 60, to: 6 * 60, timezone: 'Europe/Amsterdam' };
const at = (text: string) => Date.parse(text);

test('holds from its beginning until just before its end, on its days, by the clock of its zone', () => {
  expect(inWindow(office, at('2026-01-05T07:59:59Z'))).toBe(false);
  expect(inWindow(office, at('2026-01-05T08:00:00Z'))).toBe(true);
  expect(inWindow(office, at('2026-01-05T15:59:59Z'))).toBe(true);
  expect(inWindow(office, at('2026-01-05T16:00:00Z'))).toBe(false);
  expect(inWindow(office, at('2026-01-04T10:00:00Z'))).toBe(false);
  // in summer the same office opens an hour earlier in UTC
  expect(inWindow(office, at('2026-07-06T07:00:00Z'))).toBe(true);
});

test('one that wraps midnight belongs to the day it began on', () => {
  expect(inWindow(night, at('2026-01-09T21:30:00Z'))).toBe(true);
  expect(inWindow(night, at('2026-01-10T03:00:00Z'))).toBe(true);
  expect(inWindow(night, at('2026-01-10T05:00:00Z'))).toBe(false);
  expect(inWindow(night, at('2026-01-10T22:00:00Z'))).toBe(false);
  expect(inWindow(night, at('2026-01-09T03:00:00Z'))).toBe(false);
});

test('both passes of a repeated hour are in it, and a skipped hour ends nothing', () => {
  const early: Window = { days: [7], from: 2 * 60, to: 3 * 60, timezone: 'Europe/Berlin' };
  expect(inWindow(early, at('2026-10-25T00:30:00Z'))).toBe(true);
  expect(inWindow(early, at('2026-10-25T01:30:00Z'))).toBe(true);
  expect(inWindow(early, at('2026-03-29T01:30:00Z'))).toBe(false);
});

test('is said in words', () => {
  expect(windowSentence(office)).toBe('mon, tue, wed, thu, fri from 09:00 to 17:00 Europe/Amsterdam');
});
