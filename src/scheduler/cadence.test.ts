import { describe, expect, test } from 'vitest';
import { createCadences, longestGap } from './cadence.ts';

const day = 86_400_000;
const hour = 3_600_000;
/** Long before a change of the clocks. */
const from = Date.UTC(2026, 10, 22);

function gap(cron: string, timezone = 'Europe/Amsterdam', start = from): number | null {
  const found = longestGap({ cron, timezone }, start);
  return found === null ? null : found / day;
}

describe('the longest gap of a schedule', () => {
  test('is at least a day', () => {
    for (const cron of ['* * * * *', '*/5 * * * * *', '0 * * * *', '0 3 * * *', '30 3,15 * * *']) expect(gap(cron), cron).toBe(1);
  });

  test('is over the weekend where only weekdays are named', () => {
    expect(gap('0 3 * * 1-5')).toBe(3);
    expect(gap('*/5 9-17 * * 1-5')).toBeCloseTo(3 - (8 * hour + 55 * 60_000) / day, 9);
    expect(gap('0 3 * * 1')).toBe(7);
    expect(gap('0 3 * * 1,2')).toBe(6);
  });

  test('is that of the months, the years and the leap years where they are named', () => {
    expect(gap('0 3 1 * *')).toBe(31);
    expect(gap('0 3 1,15 * *')).toBe(17);
    expect(gap('0 0 1 1 *', 'UTC')).toBe(365);
    expect(gap('0 0 29 2 *', 'UTC')).toBe(1_461);
  });

  test('whichever day it is asked on', () => {
    for (let n = 0; n < 14; n += 1) expect(gap('0 3 * * 1-5', 'UTC', from + n * day + 5 * hour)).toBe(3);
  });

  test('is none where there are no two instants', () => {
    expect(gap('0 0 30 2 *', 'UTC')).toBeNull();
  });
});

test('drills by name; one without a schedule has none', () => {
  const schedule = { cron: '0 3 * * 1-5', timezone: 'UTC', jitterMs: 0, missed: 'skip' } as const;
  const drills = [
    { name: 'weekdays', schedule },
    { name: 'twin', schedule },
    { name: 'weekly', schedule: { ...schedule, cron: '0 3 * * 0' } },
    { name: 'by-hand', schedule: null },
  ];
  const cadences = createCadences();
  for (let n = 0; n < 2; n += 1)
    expect([...cadences.of(drills, from + n * day)]).toEqual([
      ['weekdays', 3 * day],
      ['twin', 3 * day],
      ['weekly', 7 * day],
    ]);
  expect([...cadences.of(drills.slice(3), from)]).toEqual([]);
});
