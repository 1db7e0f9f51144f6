import type { Calendar } from './calendar.ts';

export interface Undecided {
  /** The newest ones, oldest of them first. */
  readonly instants: readonly number[];
  /** There are older ones, which are not listed. */
  readonly more: boolean;
  /** The first instant after `until`; Infinity when there is none. */
  readonly next: number;
}

/**
 * The newest instants of a schedule in (`after`, `until`]. A calendar only looks forwards, so this looks for a beginning from which
 * there are enough of them and not too many: after a year of absence, a drill of every minute costs as little as one of every day.
 */
export function undecided(calendar: Calendar, after: number, until: number, limit: number): Undecided {
  const tooMany = 4 * limit;
  let few = until;
  let many: number | null = null;
  for (let from = after; ; ) {
    const { instants, next } = take(calendar, from, until, tooMany);
    if (next === null) {
      const guess = many === null ? until - firstStretch(calendar, until, limit) : null;
      many = from;
      from = guess !== null && guess > from ? guess : Math.floor((many + few) / 2);
    } else if (from === after || instants.length > limit) {
      return { instants: instants.slice(-limit), more: instants.length > limit, next };
    } else {
      few = from;
      // More than enough lie between the two.
      from = Math.floor(((many ?? after) + few) / 2);
    }
  }
}

/** A guess from the two instants that come next. */
function firstStretch(calendar: Calendar, until: number, limit: number): number {
  const next = calendar.next(until);
  const second = next === null ? null : calendar.next(next.instant);
  return next === null || second === null ? 0 : (second.instant - next.instant) * (limit + 1);
}

/** `next` is null when there are too many. */
function take(
  calendar: Calendar,
  after: number,
  until: number,
  tooMany: number,
): { readonly instants: number[]; readonly next: number | null } {
  const instants: number[] = [];
  for (let found = calendar.next(after); ; found = calendar.next(found.instant)) {
    if (found === null) return { instants, next: Number.POSITIVE_INFINITY };
    if (found.instant > until) return { instants, next: found.instant };
    if (instants.length === tooMany) return { instants, next: null };
    instants.push(found.instant);
  }
}
