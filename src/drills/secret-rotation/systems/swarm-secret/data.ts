import { z } from 'zod';
import type { Found } from './roll.ts';

/** All that a rollback needs after a crash. Names and ids; never a value. */
export interface Data {
  /** The name without a version. */
  readonly base: string;
  readonly old: { readonly id: string; readonly name: string };
  /** Name that the new version gets. */
  readonly fresh: string;
  readonly services: readonly Found[];
}

const file = z.object({ Name: z.string(), UID: z.string(), GID: z.string(), Mode: z.number() });

export const dataSchema: z.ZodType<Data> = z.object({
  base: z.string(),
  old: z.object({ id: z.string(), name: z.string() }),
  fresh: z.string(),
  services: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      checks: z.boolean(),
      references: z.array(z.looseObject({ SecretID: z.string(), SecretName: z.string(), File: file.nullable().optional() })),
      updateConfig: z.looseObject({}).nullable(),
    }),
  ),
}) as z.ZodType<Data>;
