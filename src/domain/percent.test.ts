import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPercent, parsePercent, parseRatio } from './percent.ts';

describe('percentages', () => {
  test.each([
    ['99.5%', 0.995],
    ['0%', 0],
    ['100%', 1],
    [' 20 % ', 0.2],
    ['99.9%', 0.999],
  ])('%j is %d', (input, share) => {
    expect(parsePercent(input)).toEqual({ ok: true, value: share });
  });

  test.each([
    [0.5, 'is not a percentage (try 0.5%)'],
    [50, 'is not a percentage (try 50%)'],
    ['50', 'is not a percentage (try 50%)'],
    ['half', 'is not a percentage (try 90%)'],
    ['-1%', 'is not a percentage (try 90%)'],
    ['101%', 'is more than 100%'],
    [null, 'is not a percentage (try 90%)'],
  ])('%j: %s', (input, problem) => {
    expect(parsePercent(input)).toEqual({ ok: false, problem });
  });

  test('are read as they are written, to a thousandth of a percent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (thousandths) => {
        const share = thousandths / 100_000;
        expect(parsePercent(formatPercent(share))).toEqual({ ok: true, value: share });
      }),
    );
  });

  test('a ratio may also be the share itself', () => {
    expect(parseRatio(0.9)).toEqual({ ok: true, value: 0.9 });
    expect(parseRatio('90%')).toEqual({ ok: true, value: 0.9 });
    expect(parseRatio(95)).toEqual({ ok: false, problem: 'is not a percentage or a ratio from 0 to 1 (try 95%)' });
    expect(parseRatio(Number.NaN).ok).toBe(false);
  });
});
