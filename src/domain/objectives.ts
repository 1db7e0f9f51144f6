import type { Measurement, ObjectiveBound, Unit } from './words.ts';

export type Objectives = Readonly<Record<string, ObjectiveBound>>;

export function isMet(value: number, bound: ObjectiveBound): boolean {
  return 'max' in bound ? value <= bound.max : value >= bound.min;
}

/** `own`: what holds where the objectives say nothing of it. */
export function judge(
  raw: { name: string; target: string | null; value: number; unit: Unit },
  objectives: Objectives,
  own: ObjectiveBound | null = null,
): Measurement {
  const objective = objectives[raw.name] ?? own;
  return { ...raw, objective, met: objective && isMet(raw.value, objective) };
}

/**
 * Objectives that no measurement answers: they make a run inconclusive. What is measured per target must be measured of each that was
 * worked on (`worked`: their names): `drift_files of shop-web-2`.
 */
export function unmeasured(objectives: Objectives, measurements: readonly Measurement[], worked: readonly string[]): string[] {
  return Object.keys(objectives).flatMap((name) => {
    const seen = measurements.filter((measurement) => measurement.name === name).map((measurement) => measurement.target);
    if (seen.length === 0) return [name];
    return seen.includes(null) ? [] : worked.filter((target) => !seen.includes(target)).map((target) => `${name} of ${target}`);
  });
}
