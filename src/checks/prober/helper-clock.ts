/** What the helper's monotonic clock says in terms of ours, by round trips: the shortest tells best. */
export interface HelperClock {
  /** A question left at `sent`, the helper read `there`, the answer came at `back`. */
  trip(sent: number, there: number, back: number): void;
  /** What to add to the helper's instants; null before the first trip. */
  offset(): number | null;
  /** The most by which that may be off, ms. */
  uncertainty(): number;
}

/** The clocks of two machines drift apart, by 0.05 ms in a second at the worst: an old trip says less than a new one. */
const driftPerMs = 5e-5;

export function helperClock(): HelperClock {
  let best: { readonly offset: number; readonly half: number; readonly at: number } | null = null;
  return {
    trip(sent, there, back) {
      const half = (back - sent) / 2;
      if (best === null || half <= best.half + (back - best.at) * driftPerMs) best = { offset: (sent + back) / 2 - there, half, at: back };
    },
    offset: () => best?.offset ?? null,
    uncertainty: () => best?.half ?? Number.POSITIVE_INFINITY,
  };
}
