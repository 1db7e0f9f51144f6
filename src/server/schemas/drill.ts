import { z } from 'zod';
import { runSummary } from './run.ts';

const schedule = z
  .object({ cron: z.string(), timezone: z.string(), jitterMs: z.number(), missed: z.enum(['run-once', 'skip']) })
  .nullable()
  .describe('Null: on demand only');

const summary = {
  name: z.string(),
  kind: z.string(),
  description: z.string().nullable(),
  schedule,
  environments: z.array(z.string()).readonly(),
  nextRuns: z.array(z.string()).readonly().describe('UTC instants at which it is due next, jitter left out'),
  lastRun: runSummary.nullable(),
  source: z.object({ file: z.string(), line: z.number(), definition: z.string() }),
};

export const drillSummary = z.object(summary);

/** What the file says, in the form that Pitwall works with: durations in ms, shares as ratios. */
const json = z.record(z.string(), z.unknown());

export const drillDetail = z.object({
  ...summary,
  targets: json,
  safety: json,
  steadyState: z.array(json).readonly(),
  params: z.unknown(),
  objectives: json,
});

export const drillList = z.object({
  drills: z.array(drillSummary).readonly(),
  problems: z
    .array(z.object({ message: z.string() }))
    .readonly()
    .describe('Drill files that could not be read'),
});
