import type { DrillKind } from '../../domain/kind.ts';
import { type Params, params } from './params.ts';

/** Is stolen data useless? What is carried away is restored where the anchor is not, and nothing of it may be readable. */
export const cryptoAnchor: DrillKind<Params> = {
  name: 'crypto-anchor',
  summary:
    'Carries copies of data away and shows that they are useless without the anchor that holds the key, which is itself put to the test.',
  params,
  measures: {
    records_readable_by_thief: 'count',
    operations_per_second_allowed: 'count',
    time_to_cut: 'ms',
    ledger_gap: 'count',
    time_to_alert: 'ms',
  },
  defaultObjectives: { records_readable_by_thief: { max: 0 } },
  // loaded when a drill is planned or run: listing drills needs neither
  plan: async (context) => (await import('./plan.ts')).plan(context),
  run: async (context) => (await import('./run.ts')).run(context),
};
