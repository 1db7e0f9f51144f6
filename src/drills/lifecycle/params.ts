import { z } from 'zod';
import { duration, text } from '../../config/fields.ts';

export const checkNames = ['sigterm', 'zombies', 'comes-back', 'any-order', 'honest-health', 'two-copies'] as const;
export type CheckName = (typeof checkNames)[number];

const severities = ['critical', 'high', 'medium', 'low'] as const;

export interface Params {
  readonly checks: readonly CheckName[];
  readonly on: 'clone' | 'target';
  /** By service, or by container: services or containers that it needs. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
  /** ms */
  readonly watch: number;
  readonly parallel: number;
  readonly failOn: (typeof severities)[number];
}

export const params: z.ZodType<Params> = z.strictObject({
  checks: z
    .array(z.enum(checkNames))
    .min(1)
    .default([...checkNames])
    .transform((names) => checkNames.filter((name) => names.includes(name)))
    .describe('What is practised: LC-01 to LC-06, in this order.'),
  on: z
    .enum(['clone', 'target'])
    .default('clone')
    .describe(
      'Where `sigterm`, `zombies` and `comes-back` are tried: `clone`, a container of ours like the target; `target`, the target itself, which is down meanwhile. The others always work on clones.',
    ),
  dependencies: z
    .record(text(), z.array(text()))
    .default({})
    .describe(
      'What a service needs, where Compose’s depends_on does not say it: `{ web: [api] }`; `[]` for nothing. A broken `any-order` or `honest-health` counts only with what is said.',
    ),
  watch: duration({ min: 500 })
    .prefault('5s')
    .describe('How long two copies are watched side by side, and a container without a healthcheck that lacks what it needs.'),
  parallel: z.int().min(1).max(8).default(1).describe('Targets that are worked on at once.'),
  failOn: z.enum(severities).default('medium').describe('The least severe broken finding that fails the run.'),
});
