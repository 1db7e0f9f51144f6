import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A folder or a volume of the engine's host. */
const source = z.union([
  z.object({ type: z.literal('bind'), path: z.string() }),
  z.object({ type: z.literal('volume'), name: z.string() }),
]);
export type Source = z.infer<typeof source>;

const stat = z.object({ mode: z.number(), uid: z.number(), gid: z.number() });

const fileData = z.object({
  /** In the container. */
  path: z.string(),
  place: z.enum(['folder', 'single-file', 'tmpfs', 'own-layer']),
  /** What a helper mounts to get at it; null for what is only to be had from inside the container. */
  source: source.nullable(),
  /** Where the source lies in the container, which is where its absolute links lead from. */
  mountedAt: z.string(),
  /** The file's path below the source, or below the container's root. */
  inside: z.string(),
  /** As it was; null when there was none. */
  before: stat.nullable(),
  /** Owner and mode of one that was not there. (Default: root’s alone.) */
  like: stat.nullable(),
  /** Whether the backup is made readable to its owner alone: not where a running container has the old file mounted itself. */
  tighten: z.boolean(),
});
export type FileData = z.infer<typeof fileData>;

const tell = z.discriminatedUnion('how', [
  z.object({ how: z.literal('signal'), signal: z.string() }),
  z.object({ how: z.literal('restart') }),
  z.object({ how: z.literal('recreate') }),
  z.object({ how: z.literal('hook'), port: z.number(), path: z.string() }),
  z.object({ how: z.literal('none') }),
]);

/** All that the undo of a delivery to one container needs; plain, and never a secret. */
export const deliveryData = z.object({
  container: z.object({ id: z.string(), name: z.string() }),
  /** In the names of what lies beside the files: 12 hexadecimal digits of the run, and 8 of the container. */
  mark: z.string().regex(/^[0-9a-f]{20}$/),
  secret: fileData,
  user: fileData.nullable(),
  /** How the secret's file and the user's are written; without them. */
  format: z.string(),
  tell,
});
export type DeliveryData = z.infer<typeof deliveryData>;

/** Containers that share a file have a backup each, all of the same: who is put back first takes away only its own. */
export function markOf(runId: string, container: string, role: string): string {
  const digits = (text: string) => createHash('sha256').update(text).digest('hex');
  return digits(runId).slice(0, 12) + digits(`${container}\0${role}`).slice(0, 8);
}

export function filesOf({ secret, user }: DeliveryData): FileData[] {
  return user === null ? [secret] : [secret, user];
}
