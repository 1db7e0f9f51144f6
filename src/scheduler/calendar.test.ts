import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCalendar, type Occurrence } from './calendar.ts';
import { createZone, offsetAt } from './zone.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** The day before the night, at noon UTC. */
const nights = {
  'Europe/Berlin': { spring: '2026-03-28', fall: '2026-10-24' },
  'America/New_York': { spring: '2026-03-07', fall: '2026-10-31' },
  'Australia/Lord_Howe': { spring: '2026-10-03', fall: '2026-04-04' },
} as const;
type Zone = keyof typeof nights;

function occurrences(cron: string, zone: string, from: number, to: number): Occurrence[] {
  const calendar = createCalendar(cron, createZone(zone));
  const found: Occurrence[] = [];
  for (let next = calendar.next(from); next !== null && next.instant <= to; next = calendar.next(next.instant)) found.push(next);
  return found;
}

function local(zone: string, { instant, kind }: Occurrence): string {
  const offset = offsetAt(zone, instant);
  const text = new Date(instant + offset).toISOString().slice(11, 16);
  return `${text}${offset < 0 ? '-' : '+'}${Math.abs(offset) / hour}${kind === 'plain' ? '' : ` ${kind}`}`;
}

describe.each<[Zone, 'spring' | 'fall', Record<string, string[]>]>([
  [
    'Europe/Berlin',
    'spring',
    {
      '30 2 * * *': ['03:00+2 moved'],
      '*/30 2 * * *': ['03:00+2 moved', '03:30+2 moved'],
      '0 1-3 * * *': ['01:00+1', '03:00+2'],
      '30 2,14 * * *': ['03:00+2 moved'],
      '0 */2 * * *': ['00:00+1', '03:00+2 moved', '04:00+2'],
      '0 * * * *': ['00:00+1', '01:00+1', '03:00+2', '04:00+2'],
      '*/30 * * * *': ['00:00+1', '00:30+1', '01:00+1', '01:30+1', '03:00+2', '03:30+2', '04:00+2'],
    },
  ],
  [
    'Europe/Berlin',
    'fall',
    {
      '30 2 * * *': ['02:30+2 first'],
      '*/30 2 * * *': ['02:00+2 first', '02:30+2 first'],
      '0 1-3 * * *': ['01:00+2', '02:00+2 first', '03:00+1'],
      '30 2,14 * * *': ['02:30+2 first'],
      '0 */2 * * *': ['00:00+2', '02:00+2 first', '04:00+1'],
      '0 * * * *': ['00:00+2', '01:00+2', '02:00+2 first', '02:00+1 second', '03:00+1', '04:00+1'],
      '*/30 * * * *': [
        '00:00+2',
        '00:30+2',
        '01:00+2',
        '01:30+2',
        '02:00+2 first',
        '02:30+2 first',
        '02:00+1 second',
        '02:30+1 second',
        '03:00+1',
        '03:30+1',
        '04:00+1',
      ],
    },
  ],
  [
    'America/New_York',
    'spring',
    {
      '30 2 * * *': ['03:00-4 moved'],
      '30 2,14 * * *': ['03:00-4 moved'],
      '0 * * * *': ['00:00-5', '01:00-5', '03:00-4', '04:00-4'],
    },
  ],
  [
    'America/New_York',
    'fall',
    {
      '30 1 * * *': ['01:30-4 first'],
      '30 2 * * *': ['02:30-5'],
      '0 1-3 * * *': ['01:00-4 first', '02:00-5', '03:00-5'],
      '0 * * * *': ['00:00-4', '01:00-4 first', '01:00-5 second', '02:00-5', '03:00-5', '04:00-5'],
    },
  ],
  [
    'Australia/Lord_Howe',
    'spring',
    {
      '15 2 * * *': ['02:30+11 moved'],
      '30 2 * * *': ['02:30+11'],
      '*/30 2 * * *': ['02:30+11'],
      '*/10 2 * * *': ['02:30+11', '02:40+11', '02:50+11'],
      '0 1-3 * * *': ['01:00+10.5', '02:30+11 moved', '03:00+11'],
      '*/15 1-2 * * *': ['01:00+10.5', '01:15+10.5', '01:30+10.5', '01:45+10.5', '02:30+11', '02:45+11'],
      '0 * * * *': ['00:00+10.5', '01:00+10.5', '03:00+11', '04:00+11'],
    },
  ],
  [
    'Australia/Lord_Howe',
    'fall',
    {
      '45 1 * * *': ['01:45+11 first'],
      '30 2 * * *': ['02:30+10.5'],
      '30 * * * *': ['00:30+11', '01:30+11 first', '01:30+10.5 second', '02:30+10.5', '03:30+10.5'],
      '0 * * * *': ['00:00+11', '01:00+11', '02:00+10.5', '03:00+10.5', '04:00+10.5'],
    },
  ],
])('%s, in %s', (zone, season, cases) => {
  it.each(Object.entries(cases))('%s', (cron, expected) => {
    const midnight = Date.parse(`${nights[zone][season]}T00:00:00Z`) + day;
    const from = midnight - offsetAt(zone, midnight - 12 * hour);
    const night = occurrences(cron, zone, from - 1, from + 6 * hour).filter(({ instant }) => {
      const wall = new Date(instant + offsetAt(zone, instant)).toISOString();
      return wall.slice(0, 10) === new Date(midnight).toISOString().slice(0, 10) && wall.slice(11, 16) <= '04:00';
    });
    expect(night.map((found) => local(zone, found))).toEqual(expected);
  });
});

const crons = fc
  .record({
    minute: fc.constantFrom('0', '30', '*/15', '*/7', '5,55', '0-20/10', '59'),
    hour: fc.constantFrom('*', '0', '2', '*/2', '1-3', '2,14', '0,23', '1-23'),
    date: fc.constantFrom('* * *', '* * 0', '* * 1-5', '25-31 * *', '1 * *'),
  })
  .map(({ minute, hour: hours, date }) => `${minute} ${hours} ${date}`);
const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Pacific/Apia',
);
const instants = fc.integer({ min: Date.parse('2011-01-01'), max: Date.parse('2030-01-01') });

describe('any schedule', () => {
  it("is the same as croner's on days when the clocks stay as they are", () => {
    fc.assert(
      fc.property(crons, zones, instants, (cron, zone, from) => {
        const quiet =
          offsetAt(zone, from - 2 * day) === offsetAt(zone, from + 4 * day) && offsetAt(zone, from) === offsetAt(zone, from + 4 * day);
        fc.pre(quiet);
        const ours = occurrences(cron, zone, from, from + 2 * day).map(({ instant }) => instant);
        const theirs: number[] = [];
        const croner = new Cron(cron, { timezone: zone });
        for (let next = croner.nextRun(new Date(from)); next !== null && next.getTime() <= from + 2 * day; next = croner.nextRun(next))
          theirs.push(next.getTime());
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 120 },
    );
  });

  it('goes forwards, and does not depend on where it was begun', () => {
    fc.assert(
      fc.property(crons, zones, instants, fc.double({ min: 0, max: 1, noNaN: true }), (cron, zone, from, share) => {
        const all = occurrences(cron, zone, from, from + 4 * day).map(({ instant }) => instant);
        expect(all).toEqual([...new Set(all)].toSorted((a, b) => a - b));
        const middle = Math.floor(from + share * 4 * day);
        expect(occurrences(cron, zone, middle, from + 4 * day).map(({ instant }) => instant)).toEqual(
          all.filter((instant) => instant > middle),
        );
      }),
      { numRuns: 120 },
    );
  });

  it('of fixed hours is due at each of its times once a day, whatever the clocks do', () => {
    // A minute of an hour, so that no two of its times can move to the same instant.
    const once = fc.record({ minute: fc.integer({ min: 0, max: 59 }), hours: fc.constantFrom('2', '1', '0,23', '2,14', '3,12') });
    fc.assert(
      fc.property(
        once,
        zones.filter((zone) => zone !== 'Pacific/Apia'),
        instants,
        ({ minute, hours }, zone, from) => {
          const found = occurrences(`${minute} ${hours} * * *`, zone, from, from + 400 * day);
          const walls = found.map(({ wall }) => wall);
          const expected = new Cron(`${minute} ${hours} * * *`, { utcOffset: 0 });
          const first = walls[0] ?? 0;
          const every: number[] = [first];
          for (let next = expected.nextRun(new Date(first)); every.length < walls.length && next !== null; next = expected.nextRun(next))
            every.push(next.getTime());
          expect(walls).toEqual(every);
        },
      ),
      { numRuns: 25 },
    );
  });
});

it('ends where an expression ends', () => {
  expect(createCalendar('0 0 30 2 *', createZone('Europe/Berlin')).next(Date.parse('2026-01-01'))).toBeNull();
});

it('crosses years for a rare date', () => {
  const [next] = occurrences('0 12 29 2 *', 'Europe/Berlin', Date.parse('2025-01-01'), Date.parse('2029-01-01'));
  expect(new Date(next?.instant ?? 0).toISOString()).toBe('2028-02-29T11:00:00.000Z');
});

it('takes seconds too', () => {
  const found = occurrences('*/20 59 23 * * *', 'UTC', Date.parse('2026-01-01'), Date.parse('2026-01-02'));
  expect(found.map(({ instant }) => new Date(instant).toISOString().slice(17, 19))).toEqual(['00', '20', '40']);
});
