import { z } from 'zod';
import type { AreaScore, Change, Counts, Scorecard, ServiceScore, Waiver } from './scorecard.ts';

const instant = z.string().describe('UTC, ISO 8601');
export const share = z.number().min(0).max(1);
const letter = z.enum(['A+', 'A', 'B', 'C', 'D', 'F']);
export const grade = z.string().describe('A letter; with `*` where a waiver is part of it');
export const severity = z.enum(['critical', 'high', 'medium', 'low']);
export const state = z.enum(['holds', 'broken', 'inconclusive']);
export const day = z.string().describe('YYYY-MM-DD');

const counts: z.ZodType<Counts> = z.object({
  holds: z.int(),
  broken: z.int().describe('That nobody has waived'),
  inconclusive: z.int(),
  expired: z.int().describe('Held, but too long ago to prove anything'),
  waived: z.int(),
});

const caps = z.array(z.object({ rule: z.string(), atMost: letter, because: z.string() }));

const area: z.ZodType<AreaScore> = z.object({
  area: z.string(),
  kinds: z.array(z.string()),
  weight: z.number(),
  proven: share,
  coverage: share,
  grade,
  lastPractised: instant.nullable().describe('Null for a measure that was never practised'),
  counts,
});

const service: z.ZodType<ServiceScore> = z.object({
  service: z.string(),
  grade,
  unaged: letter,
  caps,
  proven: share.describe('Over the areas that were ever practised on it'),
  coverage: share.describe('Over all areas'),
  counts,
  areas: z.array(z.object({ area: z.string(), proven: share, coverage: share, lastPractised: instant, counts })),
});

const change: z.ZodType<Change> = z.object({
  type: z.enum(['broken', 'expired', 'inconclusive', 'expiring', 'slower', 'mended']),
  area: z.string(),
  kind: z.string(),
  drill: z.string().nullable(),
  service: z.string().nullable(),
  item: z.string().describe('A probe’s id, a measurement’s name, or `verdict`'),
  title: z.string(),
  severity,
  count: z.int().describe('How many proofs it stands for'),
  runId: z.string(),
  at: instant.describe('When it came to be so; of `expiring`, when it will have expired'),
  from: state.nullable(),
  message: z.string(),
});

const waiver: z.ZodType<Waiver> = z.object({
  area: z.string(),
  drill: z.string().nullable(),
  service: z.string().nullable(),
  item: z.string(),
  title: z.string(),
  severity,
  until: day,
});

/** For whoever adds something to it. */
export const scorecardFields = {
  rubric: z.string().describe('Id of the rubric by which it was computed'),
  at: instant.describe('The beginning of the minute in which it was asked for'),
  grade,
  unaged: letter.describe('What it would be if no proof had aged'),
  proven: share,
  coverage: share,
  caps: caps.describe('What keeps the grade below what `proven` alone would give, the strictest first'),
  areas: z.array(area),
  services: z.array(service).describe('The worst first'),
  changes: z.array(change).describe('Since `since`, the worst first'),
  since: instant.describe('When a scorecard of an earlier day was last computed; otherwise a week before `at`'),
  waivers: z.array(waiver),
  lacking: z.array(z.string()).describe('Kinds of the rubric that this version of Pitwall does not have'),
};

/** The scorecard as JSON: of the API, and as a part of a report. */
export const scorecardSchema: z.ZodType<Scorecard> = z.object(scorecardFields);
