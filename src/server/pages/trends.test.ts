import { expect, test } from 'vitest';
import type { DailyValues } from '../../store/daily.ts';
import { trendsOf } from './trends.ts';

const now = Date.UTC(2026, 5, 10);

function day(date: string, of: Partial<DailyValues>): DailyValues {
  const about = { day: date, drill: 'recycle', kind: 'reverse-uptime', subject: 'web', name: 'time_to_healthy', unit: 'ms' } as const;
  return { ...about, n: 2, least: 100, most: 200, sum: 300, missed: 0, judged: 2, ...of };
}

function points(days: readonly DailyValues[]) {
  const drill = { name: 'recycle', objectives: { time_to_healthy: { max: 1_000 } } };
  const [trend] = trendsOf(drill, { daily: { values: () => [...days], runs: () => [], forget: () => 0 } }, now);
  return trend?.points.map(({ value, met }) => [value, met]);
}

test('a day is met only where somebody judged: one that nobody did is neither met nor missed', () => {
  expect(points([day('2026-06-01', {}), day('2026-06-02', { judged: 0 }), day('2026-06-03', { missed: 1 })])).toEqual([
    [200, true],
    [200, null],
    [200, false],
  ]);
});

test('of several subjects on one day one that missed is enough, and one that was judged', () => {
  const other = { subject: 'api', most: 900 };
  expect(points([day('2026-06-01', { judged: 0 }), day('2026-06-01', other)])).toEqual([[900, true]]);
  expect(points([day('2026-06-01', { missed: 1 }), day('2026-06-01', { ...other, judged: 0 })])).toEqual([[900, false]]);
});
