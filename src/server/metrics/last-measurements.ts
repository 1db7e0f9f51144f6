import type { Measurement } from '../../domain/words.ts';
import type { Store } from '../../store/store.ts';

export interface LastValue {
  readonly drill: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

/**
 * The values of each drill's newest run that measured something, one a name: of several targets the worst. Targets are no part of it,
 * as containers come and go and every new name would be a series for ever. Asks for a record only when there is a newer run.
 */
export function createLastMeasurements(store: Pick<Store, 'runs'>): (drills: readonly string[]) => LastValue[] {
  const known = new Map<string, { readonly runId: string; readonly values: readonly LastValue[] }>();
  return (drills) => {
    const last = store.runs.lastByDrill();
    for (const drill of drills) {
      const run = last.get(drill);
      if (run === undefined || run.verdict === null || known.get(drill)?.runId === run.id) continue;
      const values = worstByName(drill, store.runs.record(run.id)?.measurements ?? []);
      // A run that was refused measured nothing, and takes nothing back.
      known.set(drill, { runId: run.id, values: values.length > 0 ? values : (known.get(drill)?.values ?? []) });
    }
    for (const drill of known.keys()) if (!drills.includes(drill)) known.delete(drill);
    return [...known.values()].flatMap(({ values }) => values);
  };
}

export function worstByName(drill: string, measurements: readonly Measurement[]): LastValue[] {
  const worst = new Map<string, Measurement>();
  for (const measurement of measurements) {
    const before = worst.get(measurement.name);
    if (before === undefined || isWorse(measurement, before)) worst.set(measurement.name, measurement);
  }
  return [...worst.values()].map(({ name, unit, value }) => ({ drill, name, unit, value }));
}

/** With `min` in its objective, less is worse. */
function isWorse(one: Measurement, other: Measurement): boolean {
  return one.objective !== null && 'min' in one.objective ? one.value < other.value : one.value > other.value;
}
