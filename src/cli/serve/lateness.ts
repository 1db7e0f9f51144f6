export interface Lateness {
  add(ms: number): void;
  /** Those that were added since it was asked last. */
  readonly drain: () => readonly number[];
}

/** Kept for whoever asks next; the newest ten thousand when nobody does. */
export function createLateness(): Lateness {
  let kept: number[] = [];
  return {
    add(ms) {
      if (kept.length >= 10_000) kept.shift();
      kept.push(ms);
    },
    drain() {
      const all = kept;
      kept = [];
      return all;
    },
  };
}
