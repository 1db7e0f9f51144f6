import { z } from 'zod';
import type { ChangeData } from '../../domain/journal.ts';

/**
 * The journalled steps of a recreate in their order, the same for a unit of several containers: each is walked for all of them before the
 * next begins. From `remove-old` on it goes forwards; before that it goes back.
 */
export const recreateSteps = ['create', 'connect', 'hold', 'stop', 'park', 'rename', 'start', 'remove-old'] as const;
export type RecreateStep = (typeof recreateSteps)[number];

const member = z.object({
  id: z.string(),
  name: z.string(),
  /** What the new one is called until the names are swapped, and the old one from then on. */
  fresh: z.string(),
  parked: z.string(),
  /** Null until it was created. */
  newId: z.string().nullable(),
  policy: z.object({ Name: z.string(), MaximumRetryCount: z.number().optional() }),
  wasHealthy: z.boolean(),
  /** The longest that stopping it may take. */
  stopMs: z.number(),
  /** For `stop`; null is the container's own. */
  graceSeconds: z.number().nullable(),
});

/** One container of the unit; owners of namespaces come before those that join them. Holds no secret: the old one is kept to go back to. */
export type Member = z.infer<typeof member>;

const recreateData = z.object({ members: z.array(member) });

export function membersOf(data: ChangeData): Member[] {
  return recreateData.parse(data).members;
}

export function asData(members: readonly Member[]): ChangeData {
  return { members: members.map(({ policy, ...rest }) => ({ ...rest, policy: { ...policy } })) };
}

/** Whether the journal had got as far as `step`, whose action may or may not have happened. */
export function reached(at: string | null, step: RecreateStep): boolean {
  return recreateSteps.indexOf(at as RecreateStep) >= recreateSteps.indexOf(step);
}
