import type { DrillKind } from '../../domain/kind.ts';
import { type Params, params } from './params.ts';

/** Stops when told, comes back when killed, starts in any order, tells the truth about its health. */
export const lifecycle: DrillKind<Params> = {
  name: 'lifecycle',
  summary:
    'Stops and kills a clone of a container, or the container itself, takes away what it needs, and looks whether it behaves: SIGTERM, zombies, restart, order, health, copies.',
  params,
  measures: { stop_time: 'ms', restart_time: 'ms', time_to_healthy: 'ms' },
  // stop_time is held against each container's own grace period, where the drill states no objectives: see sigterm.ts
  defaultObjectives: {},
  failOn: ({ failOn }) => failOn,
  // loaded when a drill is planned or run: listing drills needs neither
  plan: async (context) => (await import('./plan.ts')).plan(context),
  run: async (context) => (await import('./run.ts')).run(context),
};
