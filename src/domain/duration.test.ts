import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

const sizes = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** The canonical text of whole ms. */
function write(ms: number): string {
  let rest = ms;
  const parts = sizes.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.join('') || '0';
}

describe('parseDuration', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['10m', 600_000],
    ['4h', 14_400_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['1m1ms', 60_001],
    [' 2 m 5 s ', 125_000],
    ['0', 0],
    [0, 0],
    ['0s', 0],
  ])('%j is %d ms', (input, ms) => {
    expect(parseDuration(input)).toEqual({ ok: true, value: ms });
  });

  test.each([
    ['7 dayz', 'is not a duration (try 7d)'],
    ['2 weeks', 'is not a duration (try 14d)'],
    ['10 min', 'is not a duration (try 10m)'],
    ['300 msec', 'is not a duration (try 300ms)'],
    ['-5s', 'is not a duration (try 5s)'],
    ['5m1h', 'is not a duration (try 5m)'],
    ['', 'is not a duration (try 90s)'],
    ['soon', 'is not a duration (try 90s)'],
    [30, 'is not a duration: a number needs its unit (try 30s)'],
    ['30', 'is not a duration: a number needs its unit (try 30s)'],
    [-1, 'is not a duration: a number needs its unit (try 1s)'],
    [Number.NaN, 'is not a duration (try 90s)'],
    [null, 'is not a duration (try 90s)'],
    [['7d'], 'is not a duration (try 90s)'],
    ['40000d', 'is longer than a hundred years (try 7d)'],
    [`${'9'.repeat(60)}d`, 'is longer than a hundred years (try 7d)'],
  ])('%j: %s', (input, problem) => {
    expect(parseDuration(input)).toEqual({ ok: false, problem });
  });

  test('reads what is written of any whole number of ms', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 36_500 * 86_400_000 }), (ms) => {
        expect(parseDuration(write(ms))).toEqual({ ok: true, value: ms });
      }),
    );
  });

  test('takes any text without throwing, and gives whole ms that are not negative', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.stringMatching(/^[0-9dhms. -]{0,12}$/)), (input) => {
        const read = parseDuration(input);
        expect(read.ok ? Number.isSafeInteger(read.value) && read.value >= 0 : read.problem.startsWith('is ')).toBe(true);
      }),
    );
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0 ms'],
    [0.4, '0.4 ms'],
    [450, '450 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [1_234.5, '1.2 s'],
    [2_000, '2 s'],
    [59_940, '59.9 s'],
    [59_960, '1 m'],
    [125_000, '2 m 5 s'],
    [3_599_700, '1 h'],
    [11_400_000, '3 h 10 m'],
    [86_399_000, '1 d'],
    [604_800_000, '7 d'],
    [615_600_000, '7 d 3 h'],
    [-1_500, '-1.5 s'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('can be read again, to within its last unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400_000 * 1_000 }), (ms) => {
        const read = parseDuration(formatDuration(ms));
        const slack = ms < 1_000 ? 0.5 : ms < 60_000 ? 50 : ms < 3_600_000 ? 500 : ms < 86_400_000 ? 30_000 : 1_800_000;
        expect(read.ok && Math.abs(read.value - ms) <= slack).toBe(true);
      }),
    );
  });
});
