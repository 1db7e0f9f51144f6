import type { DrillKind } from '../../domain/kind.ts';
import { type Params, params } from './params.ts';

/** Is an attack noticed, and how soon? Falco or another tool must send its alerts to a `serve` on the same database. */
export const detection: DrillKind<Params> = {
  name: 'detection',
  summary:
    'Makes attempts that carry a mark, in clones of containers, and waits for the alerts that repeat it; a harmless act must raise none.',
  params,
  measures: {
    time_to_detect: 'ms',
    missed: 'count',
    expected: 'count',
    false_alarms: 'count',
    time_to_freeze: 'ms',
    time_to_respond: 'ms',
  },
  defaultObjectives: { time_to_detect: { max: 30_000 }, missed: { max: 0 } },
  // loaded when a drill is planned or run: listing drills needs neither
  plan: async (context) => (await import('./plan.ts')).plan(context),
  run: async (context) => (await import('./run.ts')).run(context),
};
