import { z } from 'zod';
import type { ScorecardItem } from '../../scorecard/items.ts';
import type { AreaScore, Change, Counts, Scorecard, ServiceScore, Waiver } from '../../scorecard/scorecard.ts';
import type { ScorecardDay } from '../../store/scorecards.ts';

const instant = z.string().describe('UTC, ISO 8601');
const share = z.number().min(0).max(1);
const letter = z.enum(['A+', 'A', 'B', 'C', 'D', 'F']);
const grade = z.string().describe('A letter; with `*` where a waiver is part of it');
const severity = z.enum(['critical', 'high', 'medium', 'low']);
const state = z.enum(['holds', 'broken', 'inconclusive']);
const day = z.string().describe('YYYY-MM-DD');

const counts: z.ZodType<Counts> = z.object({
  holds: z.number(),
  broken: z.number().describe('That nobody has waived'),
  inconclusive: z.number(),
  expired: z.number().describe('Held, but too long ago to prove anything'),
  waived: z.number(),
});

const caps = z.array(z.object({ rule: z.string(), atMost: letter, because: z.string() })).readonly();

const area: z.ZodType<AreaScore> = z.object({
  area: z.string(),
  kinds: z.array(z.string()).readonly(),
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
  areas: z.array(z.object({ area: z.string(), proven: share, coverage: share, lastPractised: instant, counts })).readonly(),
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
  count: z.number().int().describe('How many proofs it stands for'),
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

const scorecardFields = {
  rubric: z.string().describe('Id of the rubric by which it was computed'),
  at: instant.describe('The beginning of the minute in which it was asked for'),
  grade,
  unaged: letter.describe('What it would be if no proof had aged'),
  proven: share,
  coverage: share,
  caps: caps.describe('What keeps the grade below what `proven` alone would give, the strictest first'),
  areas: z.array(area).readonly(),
  services: z.array(service).readonly().describe('The worst first'),
  changes: z.array(change).readonly().describe('Since `since`, the worst first'),
  since: instant.describe('When a scorecard of an earlier day was last computed; otherwise a week before `at`'),
  waivers: z.array(waiver).readonly(),
  lacking: z.array(z.string()).readonly().describe('Kinds of the rubric that this version of Pitwall does not have'),
};

const item: z.ZodType<ScorecardItem> = z.object({
  area: z.string(),
  kind: z.string(),
  engine: z.string(),
  drill: z.string().nullable(),
  service: z.string().nullable(),
  item: z.string(),
  type: z.enum(['finding', 'objective', 'verdict']),
  title: z.string(),
  severity,
  state,
  waivedUntil: day.nullable(),
  waived: z.boolean(),
  unit: z.enum(['ms', 'count', 'ratio', 'bytes']).nullable(),
  objective: z.union([z.object({ max: z.number() }), z.object({ min: z.number() })]).nullable(),
  recent: z.array(z.object({ runId: z.string(), at: z.number(), value: z.number(), met: z.boolean().nullable() })).readonly(),
  best: z.number().nullable(),
  every: z.number().nullable().describe('The longest time between two instants of the drill’s schedule, ms'),
  cadence: z.number().describe('`every` within the rubric’s bounds, ms'),
  at: z.number().describe('When it was last asked, UTC ms'),
  expiresAt: z.number().describe('UTC ms'),
  expired: z.boolean(),
  weight: z.number(),
  s: share.describe('What was found'),
  f: share.describe('How fresh it is'),
  c: share.describe('What it adds to the coverage'),
  runId: z.string(),
  changedAt: z.number().describe('UTC ms'),
  was: state.nullable(),
});

export const scorecardSchema: z.ZodType<Scorecard & { readonly items?: readonly ScorecardItem[] | undefined }> = z.object({
  ...scorecardFields,
  items: z.array(item).readonly().optional().describe('With `items=true`: every proof, with what its part in the grade is computed from'),
});

export const scorecardDay: z.ZodType<ScorecardDay> = z.object({
  day,
  at: z.number().describe('UTC ms'),
  rubric: z.string(),
  grade,
  proven: share,
  coverage: share,
  areas: z.record(z.string(), z.object({ proven: share, coverage: share })),
});
