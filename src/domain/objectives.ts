import type { Measurement, Unit } from './words.ts';

/** Durations in ms, shares as ratios (0–1), counts as they are. */
export type ObjectiveBound = { readonly max: number } | { readonly min: number };
export type Objectives = Readonly<Record<string, ObjectiveBound>>;

export function isMet(value: number, bound: ObjectiveBound): boolean {
  return 'max' in bound ? value <= bound.max : value >= bound.min;
}

export function judge(raw: { name: string; target: string | null; value: number; unit: Unit }, objectives: Objectives): Measurement {
  const objective = objectives[raw.name] ?? null;
  return { ...raw, objective, met: objective && isMet(raw.value, objective) };
}

/** Names of objectives that no measurement answers: they make a run inconclusive. */
export function unmeasured(objectives: Objectives, measurements: readonly Measurement[]): string[] {
  const seen = new Set(measurements.map((measurement) => measurement.name));
  return Object.keys(objectives).filter((name) => !seen.has(name));
}
