import { expect, it } from 'vitest';
import { aDrill } from '../../test/scheduler/a-drill.ts';
import { jitterOf } from './jitter.ts';
import { nextRuns } from './next-runs.ts';

const at = (text: string) => Date.parse(text);

it('shows local times, offsets, and what daylight saving does', () => {
  const runs = nextRuns(aDrill('d', { cron: '30 2 * * *', timezone: 'Europe/Berlin' }), at('2026-03-27T12:00:00Z'), 3);
  expect(runs.map(({ local, offset, note }) => [local, offset, note])).toEqual([
    ['2026-03-28 02:30:00', '+01:00', null],
    ['2026-03-29 03:00:00', '+02:00', '02:30 does not exist, runs at 03:00'],
    ['2026-03-30 02:30:00', '+02:00', null],
  ]);
  const [first, second] = nextRuns(aDrill('d', { cron: '30 * * * *', timezone: 'America/New_York' }), at('2026-11-01T05:00:00Z'), 2);
  expect(first).toMatchObject({
    local: '2026-11-01 01:30:00',
    offset: '-04:00',
    note: '01:30 comes twice in America/New_York, this is the first',
  });
  expect(second).toMatchObject({
    local: '2026-11-01 01:30:00',
    offset: '-05:00',
    note: '01:30 comes twice in America/New_York, this is the second',
  });
  expect(nextRuns(aDrill('d', { cron: '0 3 * * *', timezone: 'Asia/Kathmandu' }), at('2026-06-01'), 1)[0]?.offset).toBe('+05:45');
});

it('adds the jitter that the run will have', () => {
  const drill = aDrill('d', { cron: '0 3 * * *', jitterMs: 600_000 });
  const [run] = nextRuns(drill, at('2026-06-01'), 1);
  expect(run?.instant).toBe(at('2026-06-01T03:00:00Z'));
  expect((run?.startsAt ?? 0) - (run?.instant ?? 0)).toBe(jitterOf('d', run?.instant ?? 0, 600_000));
  expect(run?.local.slice(11)).toBe(new Date(run?.startsAt ?? 0).toISOString().slice(11, 19));
});

it('says when a slot is outside the window', () => {
  const drill = aDrill('d', { cron: '0 20 * * *' }, { days: [1, 2, 3, 4, 5], from: 540, to: 1020, timezone: 'Europe/Amsterdam' });
  expect(nextRuns(drill, at('2026-06-05T12:00:00Z'), 1)[0]?.note).toBe(
    'will not run: outside its window until 2026-06-08 09:00:00 Europe/Amsterdam',
  );
});

it('has nothing to show of a drill on demand', () => {
  expect(nextRuns(aDrill('d', null), 0, 5)).toEqual([]);
});

it('spreads jitter over its whole length, in whole seconds, the same each time', () => {
  const values = Array.from({ length: 2000 }, (_, i) => jitterOf('d', i * 3_600_000, 10_000));
  expect(new Set(values)).toEqual(new Set(Array.from({ length: 11 }, (_, i) => i * 1000)));
  expect(jitterOf('d', 5, 0)).toBe(0);
  expect(jitterOf('d', 5, 600_000)).toBe(jitterOf('d', 5, 600_000));
  expect(new Set(Array.from({ length: 20 }, (_, i) => jitterOf(`d${i}`, 5, 600_000))).size).toBeGreaterThan(15);
});
