import { type ScaleLinear, scaleLinear } from 'd3-scale';

/** Of every chart, in its own units; it is drawn as wide as its place. */
export const chartWidth = 720;

/** ms to x; clamped, and never of no length, which would be a division by nothing. */
export function timeScale(from: number, to: number): ScaleLinear<number, number> {
  return scaleLinear([from, to > from ? to : from + 1], [0, chartWidth]).clamp(true);
}

/** Instants that people count in, at most `most` steps apart. */
export function timeTicks(from: number, to: number, most = 8): number[] {
  const step = steps.find((one) => (to - from) / one <= most) ?? Math.ceil((to - from) / most / day) * day;
  if (!(step > 0)) return [];
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step || 0);
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [
  [1, 2, 5, 10, 20, 50, 100, 200, 500],
  [1, 2, 5, 10, 15, 30].map((n) => n * second),
  [1, 2, 5, 10, 15, 30].map((n) => n * minute),
  [1, 2, 3, 6, 12].map((n) => n * hour),
  [1, 2, 5, 10].map((n) => n * day),
].flat();
