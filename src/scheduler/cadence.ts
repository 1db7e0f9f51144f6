import type { Schedule } from '../domain/drill.ts';
import { createCalendar } from './calendar.ts';
import { createZone } from './zone.ts';

/** How often drills are due, remembered by their schedules: to find it out takes a few ms each. */
export interface Cadences {
  /** By name: the longest time between two instants of a drill's schedule, ms, never less than a day. Those without a schedule are left out. */
  of(drills: readonly { readonly name: string; readonly schedule: Schedule | null }[], now: number): ReadonlyMap<string, number>;
}

export function createCadences(): Cadences {
  let known = new Map<string, number | null>();
  return {
    of(drills, now) {
      const today = Math.floor(now / day) * day;
      const next = new Map<string, number | null>();
      const found = new Map<string, number>();
      for (const { name, schedule } of drills) {
        if (schedule === null) continue;
        const key = `${today} ${schedule.timezone} ${schedule.cron}`;
        const cadence = next.get(key) ?? (known.has(key) ? (known.get(key) ?? null) : longestGap(schedule, today));
        next.set(key, cadence);
        if (cadence !== null) found.set(name, cadence);
      }
      known = next;
      return found;
    },
  };
}

/**
 * The longest time between two instants of a schedule, ms, and at least a day; null when there are no two of them. Looked for in the next
 * hundred days from `from` on; one that names neither days of the month nor months repeats itself every week. Gaps of a day and less are
 * jumped over, so that a schedule of every minute costs no more than a daily one.
 */
export function longestGap({ cron, timezone }: Pick<Schedule, 'cron' | 'timezone'>, from: number): number | null {
  const calendar = createCalendar(cron, createZone(timezone));
  const horizon = (weekly(cron) ? 8 : 100) * day;
  const after = (instant: number) => calendar.next(instant)?.instant ?? null;
  let longest: number | null = null;
  for (let at = after(from); at !== null && (longest === null || at < from + horizon); ) {
    // of the instants after `at`, only the gap that a day later falls into can be longer than a day
    const end = after(at + day);
    if (end === null) return longest ?? (after(at) === null ? null : day);
    const begin = after(end - day - 1) === end ? lastBefore(at, end, after) : end - day;
    longest = Math.max(longest ?? day, end - begin);
    at = end;
  }
  return longest;
}

/** The last instant before `end`, which is `at` or later and more than a day before `end`: from it on, `end` comes next. */
function lastBefore(at: number, end: number, after: (instant: number) => number | null): number {
  let low = at;
  let high = end - day - 1;
  if (after(low) === end) return low;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (after(middle) === end) high = middle;
    else low = middle;
  }
  return high;
}

/** Fields: seconds where given, minutes, hours, days of the month, months, days of the week. */
function weekly(cron: string): boolean {
  const fields = cron.trim().split(/\s+/);
  return fields.length >= 5 && fields.at(-3) === '*' && fields.at(-2) === '*';
}

const day = 86_400_000;
