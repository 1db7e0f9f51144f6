import { z } from 'zod';
import type { ScorecardItem } from '../../scorecard/items.ts';
import { day, grade, scorecardFields, severity, share, state } from '../../scorecard/schema.ts';
import type { Scorecard } from '../../scorecard/scorecard.ts';
import type { ScorecardDay } from '../../store/scorecards.ts';

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
