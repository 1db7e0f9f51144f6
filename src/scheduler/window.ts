import type { Window } from '../domain/drill.ts';
import { createZone } from './zone.ts';

const minute = 60_000;
const day = 86_400_000;

/** A wall time as ms since 1970, as if the clocks showed UTC. */
type Wall = number;

/**
 * The first instant from `at` on (UTC ms) that `inWindow` says yes to: `at` itself when it does. Null when there is none within a fortnight, which
 * is for a window without days, or one that only the gap of a spring night holds.
 */
export function nextOpening(window: Window, at: number): number | null {
  const zone = createZone(window.timezone);
  let from = at;
  while (from < at + 14 * day) {
    const segment = zone.segment(from);
    const wait = opensAt(window, from + segment.offset);
    if (wait !== null && from + wait < segment.to) return from + wait;
    // The clocks change first: what they show then is another question.
    from = segment.to;
  }
  return null;
}

/** How long after a wall time the window is open, 0 when it is already; clocks that never change taken for granted. */
function opensAt(window: Window, wall: Wall): number | null {
  const today = Math.floor(wall / day);
  for (let date = today - 1; date <= today + 7; date++) {
    if (!window.days.includes(weekday(date))) continue;
    const from = date * day + window.from * minute;
    // One that ends before it begins goes on into the next day, and belongs to the day that it began on.
    const to = date * day + window.to * minute + (window.to <= window.from ? day : 0);
    if (wall < to) return Math.max(0, from - wall);
  }
  return null;
}

/** 1 is Monday. The first of January 1970 was a Thursday. */
function weekday(date: number): number {
  return ((((date + 3) % 7) + 7) % 7) + 1;
}
