/**
 * The first instant of the grid `origin + n × every` that is after `now`: what fell due meanwhile is left out, and lateness is never carried on.
 * All in ms of one monotonic clock.
 */
export function nextSlot(origin: number, every: number, now: number): number {
  return origin + (Math.floor((now - origin) / every) + 1) * every;
}
