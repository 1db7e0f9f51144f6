import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chartCss } from './chart-css.ts';
import { hatch, joined } from './shapes.ts';
import { timeTicks } from './time-scale.ts';

test('ticks are few, within, and of a length that people count in', () => {
  expect(timeTicks(0, 60_000)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
  expect(timeTicks(-650, 2_600)).toEqual([-500, 0, 500, 1_000, 1_500, 2_000, 2_500]);
  fc.assert(
    fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 2 ** 31 - 1 }), (from, length) => {
      const ticks = timeTicks(from, from + length);
      expect(ticks.length).toBeLessThanOrEqual(9);
      for (const tick of ticks) expect(tick >= from && tick <= from + length).toBe(true);
    }),
  );
});

test('strokes stay within their box', () => {
  const numbers = [...hatch([{ x: 10, y: 5, width: 7, height: 20 }]).matchAll(/[ML]([-\d.]+) ([-\d.]+)/g)];
  expect(numbers.length).toBeGreaterThan(3);
  for (const [, x, y] of numbers) {
    expect(Number(x) >= 10 && Number(x) <= 17).toBe(true);
    expect(Number(y) >= 5 && Number(y) <= 25).toBe(true);
  }
});

test('boxes that touch are one, and those that do not stay apart', () => {
  const at = (x: number, width: number) => ({ x, y: 0, width, height: 1 });
  expect(joined([at(5, 2), at(0, 2), at(2, 1)])).toEqual([at(0, 3), at(5, 2)]);
});

test('the style for a file that stands by itself loads nothing from elsewhere', () => {
  const css = chartCss();
  expect(css).toBe(readFileSync('assets/css/chart.css', 'utf8'));
  expect(css).not.toMatch(/url\(|@import|<\//);
});
