import type { Drill, Schedule, Window } from '../domain/drill.ts';
import { inWindow } from '../domain/window.ts';
import { createCalendar, type Occurrence } from './calendar.ts';
import { jitterOf } from './jitter.ts';
import { nextOpening } from './window.ts';
import { createZone, offsetAt, type Zone } from './zone.ts';

export interface NextRun {
  /** UTC ms: the slot, as the schedule says. */
  readonly instant: number;
  /** UTC ms: when it begins, with the jitter. */
  readonly startsAt: number;
  /** `startsAt` in the schedule's zone: `2026-03-29 03:00:00`. */
  readonly local: string;
  /** `+02:00` */
  readonly offset: string;
  /** What daylight saving does to it, and whether it is outside the drill's window; null when there is nothing to say. */
  readonly note: string | null;
}

/** The next `n` slots strictly after `from` (UTC ms); none for a drill without a schedule. */
export function nextRuns(drill: Pick<Drill, 'name' | 'schedule' | 'safety'>, from: number, n: number): NextRun[] {
  const { schedule } = drill;
  if (schedule === null) return [];
  const zone = createZone(schedule.timezone);
  const calendar = createCalendar(schedule.cron, zone);
  const found: NextRun[] = [];
  for (let next = calendar.next(from); next !== null && found.length < n; next = calendar.next(next.instant)) {
    const startsAt = next.instant + jitterOf(drill.name, next.instant, schedule.jitterMs);
    const offset = offsetAt(schedule.timezone, startsAt);
    const notes = [daylightNote(next, schedule, zone), windowNote(drill.safety.window, startsAt)].filter((note) => note !== null);
    found.push({
      instant: next.instant,
      startsAt,
      local: wallText(startsAt + offset),
      offset: offsetText(offset),
      note: notes.length === 0 ? null : notes.join('; '),
    });
  }
  return found;
}

function daylightNote({ instant, wall, kind }: Occurrence, { timezone }: Schedule, zone: Zone): string | null {
  const shown = clockText(wall);
  switch (kind) {
    case 'plain':
      return null;
    case 'moved':
      return `${shown} does not exist, runs at ${clockText(instant + zone.segment(instant).offset)}`;
    case 'first':
      return `${shown} comes twice in ${timezone}, this is the first`;
    case 'second':
      return `${shown} comes twice in ${timezone}, this is the second`;
    default:
      return kind satisfies never;
  }
}

function windowNote(window: Window | null, at: number): string | null {
  if (window === null || inWindow(window, at)) return null;
  const opening = nextOpening(window, at);
  const until = opening === null ? '' : ` until ${wallText(opening + offsetAt(window.timezone, opening))} ${window.timezone}`;
  return `will not run: outside its window${until}`;
}

function wallText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 19).replace('T', ' ');
}

function clockText(wall: number): string {
  const text = new Date(wall).toISOString().slice(11, 19);
  return text.endsWith(':00') ? text.slice(0, 5) : text;
}

function offsetText(offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
