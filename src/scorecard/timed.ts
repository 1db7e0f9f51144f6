import { upperTail } from './normal.ts';
import { rubric } from './rubric.ts';

/** Where a tenth of the standard normal distribution is left above. */
const tenth = 1.2815515655446004;
const spread = Math.log(rubric.timed.halfAt) / tenth;

/**
 * The share that a time gets against the most that it may be: a log-normal curve as Lighthouse's, 0.9 at the objective and 0.5 at three
 * times it (https://developer.chrome.com/docs/lighthouse/performance/performance-scoring).
 *
 * @param ms what it took; 0 or less is 1
 * @param most the objective, more than 0
 */
export function timedShare(ms: number, most: number): number {
  return ms <= 0 ? 1 : upperTail(Math.log(ms / (rubric.timed.halfAt * most)) / spread);
}

/** Nearest-rank: of at most five values the greatest. */
export function percentile95(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}
