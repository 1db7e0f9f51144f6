import type { Calendar } from './calendar.ts';

export interface Undecided {
  /** The newest ones, oldest of them first. */
  readonly instants: readonly number[];
  /** There are older ones, which are not listed. */
  readonly more: boolean;
}

/**
 * The newest instants of a schedule in (`after`, `until`]. A calendar only looks forwards, so this looks for a beginning from which
 * there are enough of them and not too many: after a year of absence, a drill of every minute costs as little as one of every day.
 */
export function undecided(calendar: Calendar, after: number, until: number, limit: number): Undecided {
  const tooMany = 4 * limit;
  let few = until;
  let many: number | null = null;
  for (let from = Math.max(after, until - firstStretch(calendar, until, limit)); ; ) {
    const instants = take(calendar, from, until, tooMany);
    if (instants.length === tooMany) many = from;
    else if (from === after || instants.length > limit) return { instants: instants.slice(-limit), more: instants.length > limit };
    else few = from;
    from = many === null ? Math.max(after, until - 4 * (until - few)) : Math.floor((many + few) / 2);
  }
}

/** A guess from the two instants that come next. */
function firstStretch(calendar: Calendar, until: number, limit: number): number {
  const next = calendar.next(until);
  const second = next === null ? null : calendar.next(next.instant);
  return next === null || second === null ? 86_400_000 : (second.instant - next.instant) * (limit + 1);
}

function take(calendar: Calendar, after: number, until: number, most: number): number[] {
  const found: number[] = [];
  for (let next = calendar.next(after); next !== null && next.instant <= until && found.length < most; next = calendar.next(next.instant)) {
    found.push(next.instant);
  }
  return found;
}
