import { z } from 'zod';
import { inspectIfThere } from '../../../container/look.ts';
import { plainName } from '../../../container/names.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import type { Engine } from '../../../domain/engine.ts';
import type { ChangeData } from '../../../domain/journal.ts';
import { networkingShape, policyShape } from '../kept.ts';

/** The journalled steps of a replacement. It goes back from any of them, unless the fresh one is found healthy. */
export const replaceSteps = ['create', 'connect', 'hold', 'detach', 'park', 'rename', 'start'] as const;
export type ReplaceStep = (typeof replaceSteps)[number];

const replacement = z.object({
  evidenceId: z.string(),
  containerId: z.string(),
  /** The name that is handed over. */
  containerName: z.string(),
  foreign: z.boolean(),
  fresh: z.string(),
  parked: z.string(),
  /** Null until it was created. */
  newId: z.string().nullable(),
  /** How the frozen one was connected. */
  networking: networkingShape,
  /** It had been cut off before: so it stays when it is put back. */
  wasCutOff: z.boolean(),
  /** Null when it was `no`. */
  policy: policyShape,
});
export type Replacement = z.infer<typeof replacement>;

export function replacementOf(data: ChangeData): Replacement {
  return replacement.parse(data);
}

export function isPast(at: string | null, step: ReplaceStep): boolean {
  return replaceSteps.indexOf(at as ReplaceStep) >= replaceSteps.indexOf(step);
}

/** What there is of one replacement. */
export interface Scene {
  readonly old: ContainerInspect | null;
  readonly fresh: ContainerInspect | null;
  /** Somebody else's container that has the name by now. */
  readonly stranger: ContainerInspect | null;
}

export async function sceneOf(engine: Pick<Engine, 'inspect'>, plan: Replacement): Promise<Scene> {
  const old = await inspectIfThere(engine, plan.containerId);
  const fresh = await inspectIfThere(engine, plan.newId ?? plan.fresh);
  const holder = await inspectIfThere(engine, plan.containerName);
  const ours = holder === null || holder.Id === old?.Id || holder.Id === fresh?.Id || plainName(holder.Name) !== plan.containerName;
  return { old, fresh, stranger: ours ? null : holder };
}
