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

const begins = 'pitwall, for role ';

/** The comment of a role that we made: which roles it is about, and whose rotation it belongs to. */
export function noteFor(roles: readonly string[], runId: string): string {
  return `${begins}${[...new Set(roles)].map((role) => JSON.stringify(role)).join(' and ')}, run ${runId}`;
}

/** Whether a comment says of its role that it was made for a rotation that is about one of these. */
export function isAbout(note: unknown, roles: readonly string[]): boolean {
  // in quotes, no name is a part of another
  return typeof note === 'string' && note.startsWith(begins) && roles.some((role) => note.includes(JSON.stringify(role)));
}
