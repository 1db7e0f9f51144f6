import { z } from 'zod';

/** What the journal keeps of a rotation: names alone. */
export const dataSchema = z.object({
  tag: z.string(),
  servers: z.array(z.object({ id: z.string(), name: z.string(), standby: z.boolean() })),
  /** The role whose login is refused, and the one that the new password is for; the same one where the password alone changes. */
  old: z.string(),
  fresh: z.string(),
  /** The role for the new one was not there before. */
  made: z.boolean(),
});
export type Data = z.infer<typeof dataSchema>;

/** The comment of a role that we made: whose rotation it belongs to. */
export function noteFor(role: string, runId: string): string {
  return `pitwall, for role ${role}, run ${runId}`;
}
