import { z } from 'zod';
import { duration } from '../../config/fields.ts';
import { memoryModes } from '../../domain/evidence.ts';

export const canaryKinds = ['memory', 'process', 'tmpfs', 'deleted-file', 'socket', 'changed-binary'] as const;
export type CanaryKind = (typeof canaryKinds)[number];

export interface Params {
  readonly on: 'clone' | 'target';
  readonly canaries: readonly CanaryKind[];
  readonly memory: (typeof memoryModes)[number];
  readonly disposition: 'resume' | 'replace';
  /** ms */
  readonly lease: number;
}

export const params: z.ZodType<Params> = z
  .strictObject({
    on: z
      .enum(['clone', 'target'])
      .default('clone')
      .describe(
        'What is frozen: `clone`, a container of ours with the target’s image, confinement and command, without its networks and data; `target`, the target itself, which stands still meanwhile.',
      ),
    canaries: z
      .array(z.enum(canaryKinds))
      .min(1)
      .default([...canaryKinds])
      .transform((kinds) => canaryKinds.filter((kind) => kinds.includes(kind)))
      .describe('What is planted before the freeze, and must be found in the evidence.'),
    memory: z
      .enum(memoryModes)
      .default('proc')
      .describe('`proc` reads /proc; `full` takes a CRIU checkpoint as well; `off` leaves it out.'),
    disposition: z
      .enum(['resume', 'replace'])
      .default('resume')
      .describe(
        'For `on: target`, once it is captured: `resume` lets it go on, without the canaries; `replace` puts a fresh container in its place and keeps it frozen, canaries and all, until the lease ends it.',
      ),
    lease: duration({ min: 1_000 })
      .prefault('30m')
      .describe('The longest that it may stay frozen: then it goes on, or, replaced, is ended. The canaries end by themselves as late.'),
  })
  .superRefine((value, ctx) => {
    if (value.on === 'clone' && value.disposition === 'replace')
      ctx.addIssue({ code: 'custom', path: ['disposition'], message: '"replace" needs on: target: a clone is removed' });
    if (value.memory === 'off' && value.canaries.includes('memory'))
      ctx.addIssue({ code: 'custom', path: ['memory'], message: '"off" captures no memory: take memory out of canaries' });
  });
