import { z } from 'zod';
import type { ChangeData } from '../../domain/journal.ts';
import { deliveryData } from './deliver/data.ts';
import { systemNames } from './params.ts';

/** The steps of a rotation as its journal entry has them. From `commit` on a recovery goes forward; before it, back. */
export const steps = ['prepare', 'issue', 'deliver', 'verify', 'refuse', 'end-sessions', 'commit'] as const;
export type Step = (typeof steps)[number];

export const changeKind = 'rotation';

/** All that `handler.ts` needs after a crash; names and references alone, never a secret. */
export const rotationData = z.object({
  system: z.enum(systemNames as [(typeof systemNames)[number], ...(typeof systemNames)[number][]]),
  plan: z.enum(['planned', 'leak']),
  credential: z.enum(['canary', 'real']),
  targets: z.array(z.object({ name: z.string(), service: z.string().nullable() })),
  /** The system's part of the drill's params. */
  own: z.record(z.string(), z.unknown()),
  /** What the system asked to be kept. */
  data: z.record(z.string(), z.unknown()),
  deliveries: z.array(deliveryData),
});
export type RotationData = z.infer<typeof rotationData>;

/** What was parsed is plain, but for keys that are not there. */
export function asChangeData(data: RotationData): ChangeData {
  return JSON.parse(JSON.stringify(data)) as ChangeData;
}
