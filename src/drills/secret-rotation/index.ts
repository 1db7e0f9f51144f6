import type { DrillKind } from '../../domain/kind.ts';
import { type Params, params } from './params.ts';

const parts = {
  time_to_full_refusal: 'ms',
  time_to_new_issued: 'ms',
  time_to_new_accepted: 'ms',
  time_to_old_refused: 'ms',
  time_to_sessions_dead: 'ms',
  time_to_tokens_refused: 'ms',
  overlap: 'ms',
  failed_requests: 'count',
} as const;

/** A secret leaked: from when on is it worth nothing any more, everywhere, and does everybody work with the new one? */
export const secretRotation: DrillKind<Params> = {
  name: 'secret-rotation',
  summary:
    'Leaks a credential on purpose, rotates it, and measures with real clients how long the old one still works: at every enforcement point, for new logins, for sessions that were open, for tokens.',
  params,
  measures: {
    ...parts,
    // plan: both measures the planned one first, under names of its own
    ...(Object.fromEntries(Object.entries(parts).map(([name, unit]) => [`planned_${name}`, unit])) as Record<string, 'ms' | 'count'>),
  },
  sharedObjectives: Object.fromEntries(Object.keys(parts).map((name) => [`planned_${name}`, name])),
  // plan planned has some more, where the drill states no objectives: see run.ts
  defaultObjectives: { time_to_full_refusal: { max: 60_000 } },
  plan: async (context) => (await import('./plan.ts')).plan(context),
  run: async (context) => (await import('./run.ts')).run(context),
};
