import { formatDuration } from '../../domain/duration.ts';
import type { Target } from '../../domain/target.ts';
import type { Params } from './params.ts';

/** What will be done with a unit, a sentence each; `age` gives a target's age for people. */
export function actionsFor(unit: readonly Target[], params: Params, age: (target: Target) => string): string[] {
  const grace = params.grace === undefined ? 'its own grace' : `${formatDuration(graceSeconds(params.grace) * 1_000)} of grace`;
  if (params.mode === 'restart') return unit.map((target) => `restart ${target.name} (up ${age(target)}) with ${grace}; its layer is kept`);
  const from = params.image === 'pinned' ? 'from the image that it runs' : 'from what its image’s name means now';
  const drifted = (target: Target) =>
    `if that has executables which its image has not, freeze ${target.name} in place of what follows, put a new one in its place, and keep it as evidence`;
  return unit.flatMap((target) => [
    `record what changed in the layer of ${target.name} (${age(target)} old)`,
    ...(params.onDrift === 'freeze' ? [drifted(target)] : []),
    `make ${target.name} again ${from}, beside the old one`,
    `stop the old ${target.name} with ${grace}, give the new one its name and start it`,
    `once the new ${target.name} is healthy remove the old one; its volumes are kept`,
  ]);
}

/** The engine counts in whole seconds; never less than was given. */
export function graceSeconds(grace: number): number {
  return Math.ceil(grace / 1_000);
}
