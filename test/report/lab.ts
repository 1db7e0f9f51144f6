/** Runs in a real store, and reports made from it. */
import type { RunRecord } from '../../src/domain/words.ts';
import type { ReportDeps } from '../../src/report/deps.ts';
import { createScorecards } from '../../src/scheduler/scorecards.ts';
import type { Store } from '../../src/store/store.ts';
import { type FakeClock, tempStore } from '../store/support.ts';

export interface ReportLab {
  readonly deps: ReportDeps & { readonly store: Store };
  readonly clock: FakeClock;
  /** As a runner would write it; the same record comes back from the store. The clock is then at its end. */
  save(record: RunRecord): void;
}

export function reportLab(): ReportLab {
  const { store, clock, processId } = tempStore();
  const kinds = new Map(['adversarial-probe', 'reverse-uptime', 'detection'].map((kind) => [kind, { summary: `What ${kind} does.` }]));
  const scorecards = createScorecards({ store, drills: () => [], kinds: [...kinds.keys()], clock });
  return {
    clock,
    deps: { store, kinds, probes: ['PRV-04', 'PRV-01', 'FS-02'], version: '0.1.0', scorecard: (at) => scorecards.withItems(at) },
    save(record) {
      const { id, drill, kind, trigger, actor, engine, seed, definition, startedAt, endedAt } = record;
      clock.set(Date.parse(startedAt));
      store.runs.open({ id, drill, kind, trigger, actor, engine, seed, definition, processId });
      store.runs.saveTargets(id, record.targets);
      for (const one of record.measurements) store.runs.addMeasurement(id, one);
      store.runs.addFindings(id, record.findings);
      if (record.verdict === null || endedAt === null) return;
      clock.set(Date.parse(endedAt));
      store.runs.end(id, { verdict: record.verdict, reason: record.reason, exitCode: 1, residue: record.residue, present: [] });
    },
  };
}
