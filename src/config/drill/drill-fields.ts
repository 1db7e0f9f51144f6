import { Cron } from 'croner';
import type { z } from 'zod';
import { bad, good, type Parsed } from '../../domain/parsed.ts';
import { parsedBy } from '../fields.ts';
import { nearest } from '../nearest.ts';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A place in the calendar from which each schedule with five or six fields is tried: fixed, so that a file reads the same on every day. */
const reference = new Date(Date.UTC(2024, 0, 1));

/** Five fields, or six with seconds first; it must come round at some time. */
export function cron(): z.ZodType<string> {
  return parsedBy(parseCron, { anyOf: [{ type: 'string' }], examples: ['0 3 * * 1-5'], $comment: 'cron expression' });
}

/** A name of the IANA time zone database. */
export function timezone(): z.ZodType<string> {
  // Asking Intl takes a third of a millisecond each time, and a catalogue names the same zone in every file.
  const known = new Map<unknown, Parsed<string>>();
  const read = (input: unknown) => {
    const zone = known.get(input) ?? parseZone(input);
    known.set(input, zone);
    return zone;
  };
  return parsedBy(read, { anyOf: [{ type: 'string' }], examples: ['Europe/Amsterdam'], $comment: 'time zone' });
}

/** `09:00` in minutes since midnight; `24:00` is the end of the day. */
export function clockTime(): z.ZodType<number> {
  return parsedBy(parseClockTime, {
    anyOf: [{ type: 'string', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$' }],
    examples: ['09:00'],
    $comment: 'time of day',
  });
}

/** `mon-fri`, `sat,sun` or a list; 1 is Monday. A range may wrap: `fri-mon`. */
export function weekdays(): z.ZodType<readonly number[]> {
  return parsedBy(parseWeekdays, {
    anyOf: [{ type: 'string' }, { type: 'array', items: { enum: days }, minItems: 1 }],
    examples: ['mon-fri'],
    $comment: 'list of days',
  });
}

function parseCron(input: unknown): Parsed<string> {
  const hint = '(try "0 3 * * 1-5")';
  if (typeof input !== 'string') return bad(`is not a cron expression ${hint}`);
  const fields = input.trim().split(/\s+/);
  if (fields.length < 5 || fields.length > 6) {
    const found = fields.length === 1 ? 'one' : fields.length;
    return bad(
      `is not a cron expression: it has ${found} of the 5 fields minute, hour, day, month, weekday; or 6 with the second first ${hint}`,
    );
  }
  try {
    const next = new Cron(input.trim(), { utcOffset: 0 }).nextRun(reference);
    return next ? good(fields.join(' ')) : bad(`is a cron expression that never comes round ${hint}`);
  } catch (error) {
    const why = (error as Error).message.replace(/^CronPattern: /, '').replace(/[:'"]\s*.*$/, '');
    return bad(`is not a cron expression: ${why.charAt(0).toLowerCase()}${why.slice(1)} ${hint}`);
  }
}

function parseZone(input: unknown): Parsed<string> {
  if (typeof input !== 'string') return bad('is not a time zone (try Europe/Amsterdam)');
  // The default needs no loading of the time zone data.
  if (input === 'UTC') return good(input);
  // Newer ICU also takes offsets such as +01:00, which know no daylight saving.
  if (/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(input)) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: input });
      return good(input);
    } catch {
      // Falls through to the guess.
    }
  }
  const meant = input.length > 64 ? null : nearest(input, Intl.supportedValuesOf('timeZone'));
  return bad(`is not a time zone of the IANA database ${meant === null ? '(try Europe/Amsterdam)' : `(did you mean "${meant}"?)`}`);
}

function parseClockTime(input: unknown): Parsed<number> {
  const [, hours, minutes] = (typeof input === 'string' && /^([01]\d|2[0-3]|24):([0-5]\d)$/.exec(input)) || [];
  const total = Number(hours) * 60 + Number(minutes);
  return total <= 1_440 ? good(total) : bad('is not a time of day (try "09:00")');
}

function parseWeekdays(input: unknown): Parsed<readonly number[]> {
  const fail = bad('is not a list of days (try mon-fri, or sat,sun)');
  const parts = typeof input === 'string' ? input.split(',') : Array.isArray(input) ? input : [];
  if (parts.length === 0) return fail;
  const found = new Set<number>();
  for (const part of parts) {
    if (typeof part !== 'string') return fail;
    const [first, last, more] = part
      .trim()
      .toLowerCase()
      .split('-')
      .map((name) => (days as readonly string[]).indexOf(name.trim()));
    if (first === undefined || first < 0 || last === -1 || more !== undefined) return fail;
    const length = last === undefined ? 0 : (last - first + 7) % 7;
    for (let i = 0; i <= length; i++) found.add(((first + i) % 7) + 1);
  }
  return good([...found].toSorted((a, b) => a - b));
}
