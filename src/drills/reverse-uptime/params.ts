import { z } from 'zod';
import { duration, percent } from '../../config/fields.ts';

/** Durations in ms, `spread` as a share. */
export interface Params {
  readonly maxUptime: number;
  readonly mode: 'recreate' | 'restart';
  readonly parallel: number;
  readonly order: 'oldest-first' | 'random';
  /** Undefined: each container's own. */
  readonly grace?: number | undefined;
  readonly spread: number;
  readonly onDrift: 'report' | 'fail' | 'freeze';
  readonly image: 'pinned' | 'current';
}

export const params: z.ZodType<Params> = z
  .strictObject({
    maxUptime: duration({ min: 1 }).describe('The longest that a container may live (`recreate`) or its processes may run (`restart`).'),
    mode: z
      .enum(['recreate', 'restart'])
      .default('recreate')
      .describe(
        '`recreate` makes the same container again from its image; `restart` ends its processes only, keeps its layer and proves no repaving.',
      ),
    parallel: z.int().min(1).max(64).default(1).describe('The most that are worked on at once.'),
    order: z.enum(['oldest-first', 'random']).default('oldest-first').describe('Which goes first; `random` by the run’s seed.'),
    grace: duration()
      .optional()
      .describe('How long a container may take to end before it is killed, in whole seconds; without it each has its own.'),
    spread: percent()
      .prefault('0%')
      .describe(
        'Takes up to this share off `maxUptime`, by a hash of the container’s name, so that replicas do not all fall due together.',
      ),
    onDrift: z
      .enum(['report', 'fail', 'freeze'])
      .default('report')
      .describe(
        'What files changed in the outgoing layer do: a record, or also a finding that fails the run; `freeze` keeps a container that has executables its image has not as evidence, frozen for 4 h and then ended, in place of removing it.',
      ),
    image: z
      .enum(['pinned', 'current'])
      .default('pinned')
      .describe('`pinned` keeps the image that runs; `current` takes what its reference names on the engine now. Nothing is pulled.'),
  })
  .superRefine((value, ctx) => {
    if (value.onDrift === 'freeze' && value.image === 'current' && value.mode === 'recreate')
      ctx.addIssue({
        code: 'custom',
        path: ['onDrift'],
        message: '"freeze" needs image: pinned: what replaces it is made from the image that it runs',
      });
    if (value.mode !== 'restart') return;
    // neither is looked at: to accept it would promise what is not done
    if (value.onDrift !== 'report')
      ctx.addIssue({ code: 'custom', path: ['onDrift'], message: `"${value.onDrift}" needs mode: recreate: a restart keeps the layer` });
    if (value.image === 'current')
      ctx.addIssue({ code: 'custom', path: ['image'], message: '"current" needs mode: recreate: a restart keeps the image' });
  });
