import type { DrillKind } from '../../domain/kind.ts';
import { type Params, params } from './params.ts';

/** Maximum uptime: containers get no chance to drift, and an intruder no place to stay. */
export const reverseUptime: DrillKind<Params> = {
  name: 'reverse-uptime',
  summary: 'Gives containers a maximum uptime: makes those that are older again from their image, one after the other.',
  params,
  measures: {
    over_age: 'count',
    recycled: 'count',
    max_age: 'ms',
    p95_age: 'ms',
    downtime: 'ms',
    time_to_healthy: 'ms',
    drift_files: 'count',
  },
  defaultObjectives: { time_to_healthy: { max: 60_000 } },
  // loaded when a drill is planned or run: listing drills needs neither
  plan: async (context) => (await import('./plan.ts')).plan(context),
  run: async (context) => (await import('./run.ts')).run(context),
};
