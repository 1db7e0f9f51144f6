import { Cron, CronPattern } from 'croner';
import type { Segment, Zone } from './zone.ts';

/** One instant at which a schedule is due. */
export interface Occurrence {
  /** UTC ms. */
  readonly instant: number;
  /** What the clocks on the wall show in the schedule's own words, as ms since 1970 as if they showed UTC. */
  readonly wall: number;
  /** moved: the wall time does not exist that night. first, second: it comes twice, and this is the first or the second time. */
  readonly kind: 'plain' | 'moved' | 'first' | 'second';
}

export interface Calendar {
  /** The first occurrence strictly after an instant; null when there is none any more. */
  next(after: number): Occurrence | null;
}

/**
 * When a cron expression is due in a zone. croner finds the wall times, without a zone; which instants these are is settled here, as
 * croner's own answer depends on how the expression is written: in a night that skips an hour `30 2 * * *` runs and `30 2,14 * * *`
 * does not, and in one that repeats an hour the latter runs twice.
 *
 * - An expression that names every hour of the day is a rhythm: it is due whenever the clocks show such a time, in both passes of a
 *   repeated hour, and not in a skipped one.
 * - Any other names times of the day, and each is due once a day: in a repeated hour the first time, and one that is skipped moves to
 *   the end of the gap (several of them keep their distances, from there).
 */
export function createCalendar(cron: string, zone: Zone): Calendar {
  const pattern = new Cron(cron, { utcOffset: 0, mode: '5-or-6-parts' });
  const rhythm = new CronPattern(cron).hour.every((named) => Boolean(named));
  // croner adds a second and cuts the rest: rounding down first makes a whole second itself the next one.
  const nextWall = (after: number) => pattern.nextRun(new Date(Math.floor(after / 1000) * 1000))?.getTime() ?? null;
  const inSegment = rhythm ? nextOfRhythm : nextOfTimes;

  return {
    next(after) {
      let segment = zone.segment(after);
      for (let from = after; ; ) {
        const found = inSegment(segment, from, nextWall);
        if (found === null) return null;
        if (found.instant < segment.to) return withKind(found, rhythm, segment, zone);
        // Nothing is due before the wall time that comes next but what moved out of a gap, so most of a long wait is jumped over.
        from = Math.max(segment.to, found.instant - 2 * day) - 1;
        segment = zone.segment(from + 1);
      }
    },
  };
}

const day = 86_400_000;

type Found = Omit<Occurrence, 'kind'> & { readonly moved?: boolean };
type NextWall = (after: number) => number | null;

function nextOfRhythm({ offset }: Segment, after: number, nextWall: NextWall): Found | null {
  const wall = nextWall(after + offset);
  return wall === null ? null : { instant: wall - offset, wall };
}

function nextOfTimes({ from, offset, before }: Segment, after: number, nextWall: NextWall): Found | null {
  // Up to here the clocks repeat what they showed before `from`: these times have had their turn.
  const repeatedUntil = from + Math.max(before, offset);
  const wall = nextWall(before > offset ? Math.max(after + offset, repeatedUntil - 1) : after + offset);
  const regular = wall === null ? null : { instant: wall - offset, wall };
  if (offset <= before) return regular;
  const moved = firstMoved(from, from + before, from + offset, after, nextWall);
  return moved !== null && (regular === null || moved.instant < regular.instant) ? moved : regular;
}

/** Of the wall times in a gap, the first that lands after an instant; the first of all of them lands on the gap's end. */
function firstMoved(end: number, fromWall: number, toWall: number, after: number, nextWall: NextWall): Found | null {
  if (after >= end + (toWall - fromWall)) return null;
  const first = nextWall(fromWall - 1);
  for (let wall = first; first !== null && wall !== null && wall < toWall; wall = nextWall(wall)) {
    const instant = end + (wall - first);
    if (instant > after) return { instant, wall, moved: true };
  }
  return null;
}

function withKind({ instant, wall, moved }: Found, rhythm: boolean, segment: Segment, zone: Zone): Occurrence {
  if (moved === true) return { instant, wall, kind: 'moved' };
  if (rhythm && segment.before > segment.offset && wall < segment.from + segment.before) return { instant, wall, kind: 'second' };
  const { offset } = zone.segment(segment.to);
  const comesAgain = offset < segment.offset && wall >= segment.to + offset;
  return { instant, wall, kind: comesAgain ? 'first' : 'plain' };
}
