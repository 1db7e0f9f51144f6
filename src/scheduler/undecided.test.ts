import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Calendar, createCalendar } from './calendar.ts';
import { undecided } from './undecided.ts';
import { createZone } from './zone.ts';

it('finds the newest instants, as going through all of them does', () => {
  const gaps = fc.array(fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 100_000 })), { maxLength: 300 });
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.integer({ min: 1, max: 20 }),
      (steps, a, b, limit) => {
        let at = 0;
        const instants = steps.map((step) => (at += step));
        const calendar: Calendar = {
          next: (after) => {
            const instant = instants.find((candidate) => candidate > after);
            return instant === undefined ? null : { instant, wall: instant, kind: 'plain' };
          },
        };
        const [after, until] = a < b ? [a, b] : [b, a];
        const all = instants.filter((instant) => instant > after && instant <= until);
        const next = instants.find((instant) => instant > until) ?? Number.POSITIVE_INFINITY;
        expect(undecided(calendar, after, until, limit)).toEqual({ instants: all.slice(-limit), more: all.length > limit, next });
      },
    ),
  );
});

it.each(['* * * * *', '* * * 1 *', '0 0 1 1 *', '* 3 * * 1'])('asks the calendar little after ten years: %s', (cron) => {
  const real = createCalendar(cron, createZone('Europe/Berlin'));
  let asked = 0;
  const counting: Calendar = {
    next(after) {
      asked += 1;
      return real.next(after);
    },
  };
  const { instants } = undecided(counting, Date.parse('2016-06-01'), Date.parse('2026-06-01'), 50);
  expect(instants.length).toBe(cron === '0 0 1 1 *' ? 10 : 50);
  expect(asked).toBeLessThan(6000);
});
