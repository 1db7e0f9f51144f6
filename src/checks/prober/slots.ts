/**
 * The first instant of the grid `first + n × every` that is after `now`: what fell due meanwhile is left out, and lateness is never carried on.
 * All in ms of one monotonic clock.
 */
export function nextSlot(first: number, every: number, now: number): number {
  return first + (Math.floor((now - first) / every) + 1) * every;
}
