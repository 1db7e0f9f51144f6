import { z } from 'zod';
import type { Scorecard } from '../scorecard/scorecard.ts';

const severity = z.enum(['critical', 'high', 'medium', 'low']);
const letter = z.enum(['A+', 'A', 'B', 'C', 'D', 'F']);
const share = z.number().min(0).max(1);
const counts = z.object({ holds: z.int(), broken: z.int(), inconclusive: z.int(), expired: z.int(), waived: z.int() });
const caps = z.array(z.object({ rule: z.string(), atMost: letter, because: z.string() }));
const about = {
  area: z.string(),
  drill: z.string().nullable(),
  service: z.string().nullable(),
  item: z.string(),
  title: z.string(),
  severity,
};

/** The scorecard as a part of a report. */
export const scorecardSchema: z.ZodType<Scorecard> = z.object({
  rubric: z.string(),
  at: z.string(),
  grade: z.string(),
  unaged: letter,
  proven: share,
  coverage: share,
  caps,
  areas: z.array(
    z.object({
      area: z.string(),
      kinds: z.array(z.string()),
      weight: z.number(),
      proven: share,
      coverage: share,
      grade: z.string(),
      lastPractised: z.string().nullable(),
      counts,
    }),
  ),
  services: z.array(
    z.object({
      service: z.string(),
      grade: z.string(),
      unaged: letter,
      caps,
      proven: share,
      coverage: share,
      counts,
      areas: z.array(z.object({ area: z.string(), proven: share, coverage: share, lastPractised: z.string(), counts })),
    }),
  ),
  changes: z.array(
    z.object({
      ...about,
      type: z.enum(['broken', 'expired', 'inconclusive', 'expiring', 'slower', 'mended']),
      kind: z.string(),
      count: z.int(),
      runId: z.string(),
      at: z.string(),
      from: z.enum(['holds', 'broken', 'inconclusive']).nullable(),
      message: z.string(),
    }),
  ),
  since: z.string(),
  waivers: z.array(z.object({ ...about, until: z.string() })),
  lacking: z.array(z.string()),
});
