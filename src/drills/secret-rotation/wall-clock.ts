import type { Clock } from '../../domain/clock.ts';

/** The clock that others stamp their logs and end their tokens by. It may be set while a drill runs; what is measured is monotonic. */
export interface WallClock {
  /** UTC ms from which on all that others stamped since this was made is stamped, also when the clock was set back. */
  since(): number;
  /** ms by which it has been set forward; less than 0: back. */
  setBy(): number;
}

export function wallClock(clock: Clock): WallClock {
  const made = clock.now();
  const ahead = made - clock.monotonic();
  const setBy = () => clock.now() - clock.monotonic() - ahead;
  return { since: () => made + Math.min(0, setBy()), setBy };
}

/** Less may be the rounding of a clock that is kept right. */
export const mostDriftMs = 1_000;
