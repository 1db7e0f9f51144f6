/** One line of a bench: a figure of ours beside its baseline, both taken in the same run, alternately. */
export interface BenchResult {
  readonly what: string;
  /** Median of ours, in `unit`. */
  readonly ours: number;
  /** Median of what it is measured against; the limit itself where the budget is absolute. */
  readonly baseline: number;
  readonly ratio: number;
  /** The most that `ratio` may be. */
  readonly limit: number;
  readonly met: boolean;
  readonly unit: string;
  readonly rounds: readonly { readonly ours: number; readonly baseline: number }[];
}

/** The ratio of the medians against its limit. */
export function compared(
  what: string,
  unit: string,
  limit: number,
  rounds: readonly { readonly ours: number; readonly baseline: number }[],
): BenchResult {
  const ours = median(rounds.map((round) => round.ours));
  const baseline = median(rounds.map((round) => round.baseline));
  const ratio = ours / baseline;
  return { what, ours, baseline, ratio, limit, met: ratio <= limit, unit, rounds };
}

/** A figure with an absolute budget: the baseline is the budget, and the ratio may be 1. */
export function within(what: string, unit: string, most: number, values: readonly number[]): BenchResult {
  return compared(
    what,
    unit,
    1,
    values.map((value) => ({ ours: value, baseline: most })),
  );
}

/** A figure with an absolute budget, beside what it would cost at the least: the ratio may be the budget's. */
export function budgeted(
  what: string,
  unit: string,
  most: number,
  rounds: readonly { readonly ours: number; readonly baseline: number }[],
): BenchResult {
  return compared(what, unit, most / median(rounds.map((round) => round.baseline)), rounds);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
