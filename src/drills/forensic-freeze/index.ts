import type { DrillKind } from '../../domain/kind.ts';
import { type Params, params } from './params.ts';

/** Stop a container dead and keep disk and memory: practised with canaries, scored by what the evidence holds. */
export const forensicFreeze: DrillKind<Params> = {
  name: 'forensic-freeze',
  summary: 'Plants canaries in a clone of a container, or in the container itself, freezes it, and looks for them in the evidence.',
  params,
  measures: {
    time_to_freeze: 'ms',
    frozen_time: 'ms',
    time_to_evidence: 'ms',
    coverage: 'ratio',
    canaries_found: 'count',
    evidence_bytes: 'bytes',
    downtime: 'ms',
  },
  defaultObjectives: { time_to_freeze: { max: 5_000 }, coverage: { min: 0.9 } },
  // loaded when a drill is planned or run: listing drills needs neither
  plan: async (context) => (await import('./plan.ts')).plan(context),
  run: async (context) => (await import('./run.ts')).run(context),
};
