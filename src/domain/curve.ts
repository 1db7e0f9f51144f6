/** The artifact `curve` of a secret rotation: what every attacker and every consumer saw, around the declared leak. Times are ms from it, negative before. */
import { z } from 'zod';

const answer = z.enum(['accepted', 'refused', 'closed', 'unknown']);

const track = z.object({
  /** `db:5432 (shop-db-1)` */
  point: z.string(),
  /** The container whose network it asked from. */
  from: z.string(),
  credential: z.enum(['old', 'new']),
  mode: z.enum(['login', 'session', 'token']),
  /** Each time that the answer became another one; `code` is what the system itself said. */
  changes: z.array(z.object({ at: z.number(), answer, code: z.string().nullable() })),
  attempts: z.record(answer, z.number()),
});
export type CurveTrack = z.infer<typeof track>;

const plan = z.object({
  plan: z.enum(['planned', 'leak']),
  credential: z.enum(['canary', 'real']),
  probeEveryMs: z.number(),
  /** The most by which a prober's clock may be off. */
  uncertaintyMs: z.number(),
  from: z.number(),
  to: z.number(),
  phases: z.array(z.object({ name: z.string(), from: z.number(), to: z.number() })),
  tracks: z.array(track),
  consumers: z.array(
    z.object({
      service: z.string(),
      requests: z.number(),
      failed: z.number(),
      outages: z.array(z.object({ from: z.number(), to: z.number().nullable() })),
    }),
  ),
});
export type CurvePlan = z.infer<typeof plan>;

export const curveSchema = z.object({ plans: z.array(plan) });
export type Curve = z.infer<typeof curveSchema>;
