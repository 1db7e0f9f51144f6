import type { DrillKind } from '../../domain/kind.ts';
import { type Params, params } from './params.ts';

/** Who can really talk to whom: measured from every container's own network namespace, against what was meant. */
export const segmentation: DrillKind<Params> = {
  name: 'segmentation',
  summary: 'Connects from each container’s own network to every address and port of every other, and compares with the policy.',
  params,
  measures: {
    cells: 'count',
    denied_open: 'count',
    allowed_closed: 'count',
    unknown: 'count',
    probe_time: 'ms',
  },
  defaultObjectives: {},
  // loaded when a drill is planned or run: listing drills needs neither
  plan: async (context) => (await import('./plan.ts')).plan(context),
  run: async (context) => (await import('./run.ts')).run(context),
};
