import type { ReportDeps } from '../deps.ts';
import { compare } from '../order.ts';
import type { MeasurementRow } from '../schema.ts';
import type { Aged } from './aged.ts';
import { type Days, most } from './period.ts';

/** The last value of each objective, and what it was over the days: missed ones first. */
export function periodMeasurements(proofs: readonly Aged[], { from, to }: Days, { store }: ReportDeps) {
  const objectives = proofs
    .filter(({ type, recent }) => type === 'objective' && recent.length > 0)
    .toSorted((a, b) => rank(a) - rank(b) || compare(a.item, b.item) || compare(a.subject, b.subject) || compare(a.drill, b.drill));
  const rows = objectives.slice(0, most.measurements).map((proof): MeasurementRow => {
    const last = proof.recent.at(-1);
    const days = store.daily.values({ drill: proof.drill, subject: proof.subject, name: proof.item }, from, to);
    const own = days.filter(({ kind }) => kind === proof.kind);
    const n = own.reduce((sum, day) => sum + day.n, 0);
    return {
      kind: proof.kind,
      drill: proof.drill === '' ? null : proof.drill,
      engine: proof.engine,
      run: proof.runId,
      at: new Date(proof.at).toISOString(),
      subject: proof.subject,
      target: null,
      name: proof.item,
      value: last?.value ?? 0,
      unit: proof.unit ?? 'count',
      objective: proof.objective,
      met: last?.met ?? null,
      expired: proof.expired,
      period:
        n === 0
          ? null
          : {
              n,
              least: Math.min(...own.map(({ least }) => least)),
              most: Math.max(...own.map((day) => day.most)),
              mean: own.reduce((sum, day) => sum + day.sum, 0) / n,
              judged: own.reduce((sum, day) => sum + day.judged, 0),
              missed: own.reduce((sum, day) => sum + day.missed, 0),
            },
    };
  });
  return { rows, leftOut: objectives.length - rows.length };
}

function rank({ state }: Aged): number {
  return { broken: 0, inconclusive: 1, holds: 2 }[state];
}
