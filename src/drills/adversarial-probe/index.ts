import type { DrillKind } from '../../domain/kind.ts';
import { type Params, params } from './params.ts';

/** Adversarial tests of a sandbox: attempted from inside a clone, and believed only after they were seen to fail. */
export const adversarialProbe: DrillKind<Params> = {
  name: 'adversarial-probe',
  summary: 'Attacks containers from inside clones of them, and says which attacks are refused; every probe is first seen to succeed.',
  params,
  measures: { detection_rate: 'ratio', self_tested: 'ratio', probes: 'count', broken: 'count', inconclusive: 'count' },
  defaultObjectives: {},
  // probes attempt things in clones of their targets, and a clone of one that never ran is as good
  acceptsGiven: true,
  failOn: ({ failOn }) => failOn,
  // loaded when a drill is planned or run: listing drills needs neither
  plan: async (context) => (await import('./plan.ts')).plan(context),
  run: async (context) => (await import('./run.ts')).run(context),
};
