/**
 * A report, as its JSON has it and as all its other formats are made from it. Instants are UTC, ISO 8601; days `YYYY-MM-DD`, UTC; values in the
 * unit beside them (ms, ratios from 0 to 1). Texts are as they were found: whoever shows them must make them inert.
 */
import { z } from 'zod';
import { scorecardSchema } from '../scorecard/schema.ts';

/** Raised when a reader of the JSON would misread what it knew. */
export const reportVersion = 'pitwall-report/1';

const instant = z.iso.datetime();
const day = z.iso.date();
const severity = z.enum(['critical', 'high', 'medium', 'low']);
const unit = z.enum(['ms', 'count', 'ratio', 'bytes']);
const bound = z.union([z.strictObject({ max: z.number() }), z.strictObject({ min: z.number() })]);
const verdict = z.enum(['passed', 'failed', 'inconclusive', 'refused', 'aborted', 'error']);
const count = z.int().min(0);

const scope = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('run'), run: z.string() }),
  /** Both days included. */
  z.strictObject({ type: z.literal('period'), from: day, to: day }),
  z.strictObject({ type: z.literal('service'), service: z.string(), from: day, to: day }),
]);

const from = { kind: z.string(), drill: z.string().nullable(), engine: z.string() };

/** Something that did not hold, or that nobody knows to hold. */
const problem = z.strictObject({
  ...from,
  state: z.enum(['broken', 'missed', 'inconclusive']),
  severity,
  /** The probe's id, the measurement's name, or `verdict`. */
  item: z.string(),
  title: z.string(),
  /** The service, or the container's name where it is of none; empty for the whole run. */
  subject: z.string(),
  targets: z.array(z.string()),
  /** Null: not known, or the run that said so was forgotten. */
  evidence: z.string().nullable(),
  todo: z.string(),
  /** Since when it is so; null: not known. */
  since: instant.nullable(),
  /** The run that said so last, and its end. */
  run: z.string(),
  at: instant,
  waivedUntil: z.string().nullable(),
});

const held = z.strictObject({
  kind: z.string(),
  item: z.string(),
  title: z.string(),
  subjects: z.array(z.string()),
  moreSubjects: count,
  /** The oldest of the runs that say so. */
  at: instant,
  /** Older than its drill's cadence, so it counts for less with every day. */
  ageing: z.boolean(),
  /** From when on it proves nothing unless it is practised again; null in a report on one run. */
  expiresAt: instant.nullable(),
});

/** It held when last asked, too long ago to prove anything. */
const expired = z.strictObject({
  ...from,
  item: z.string(),
  title: z.string(),
  subjects: z.array(z.string()),
  moreSubjects: count,
  /** The oldest of the runs that said so, and since when it proves nothing. */
  at: instant,
  expiredAt: instant,
  /** What practises it again. */
  command: z.string(),
});

const finding = z.strictObject({
  ...from,
  run: z.string(),
  at: instant,
  probe: z.string(),
  title: z.string(),
  subject: z.string(),
  targets: z.array(z.string()),
  state: z.enum(['holds', 'broken', 'inconclusive', 'not-applicable']),
  /** It held, too long ago to prove anything. */
  expired: z.boolean(),
  severity,
  since: instant.nullable(),
  waivedUntil: z.string().nullable(),
  evidence: z.string().nullable(),
});

const measurement = z.strictObject({
  ...from,
  run: z.string(),
  at: instant,
  subject: z.string(),
  target: z.string().nullable(),
  name: z.string(),
  /** The last one. */
  value: z.number(),
  unit,
  objective: bound.nullable(),
  met: z.boolean().nullable(),
  /** It was met, too long ago to prove anything. */
  expired: z.boolean(),
  /** Over the days of the report; null for one run. */
  period: z.strictObject({ n: count, least: z.number(), most: z.number(), mean: z.number(), judged: count, missed: count }).nullable(),
});

const runRow = z.strictObject({
  ...from,
  run: z.string(),
  startedAt: instant,
  durationMs: z.number().nullable(),
  verdict: verdict.nullable(),
  reason: z.string(),
  trigger: z.string(),
  actor: z.string(),
  targets: count,
});

const practised = z.strictObject({
  kind: z.string(),
  /** Null: on demand, of no drill. */
  drill: z.string().nullable(),
  /** What this kind of drill does, a sentence. */
  what: z.string(),
  runs: count,
  verdicts: z.array(z.strictObject({ verdict, n: count })),
  meanMs: z.number().nullable(),
});

export const reportSchema = z.strictObject({
  schema: z.literal(reportVersion),
  id: z.string(),
  /** When the report was made: the one thing that differs between two reports on the same. */
  at: instant,
  /** Pitwall's own version. */
  pitwall: z.string(),
  title: z.string(),
  scope,
  /** All of it in a few sentences. */
  inShort: z.array(z.string()),
  /** As of `at`; null in a report on a run or a service. */
  scorecard: scorecardSchema.nullable(),
  /** One a day on which it was computed, within the period, oldest first. */
  grades: z.array(z.strictObject({ day, grade: z.string(), proven: z.number(), coverage: z.number() })),
  practised: z.array(practised),
  /** The worst first. */
  problems: z.array(problem),
  problemsLeftOut: count,
  held: z.array(held),
  heldLeftOut: count,
  /** What held and is not known to hold any more. */
  expired: z.array(expired),
  expiredLeftOut: count,
  /** Broken or unknown, and accepted until a day. */
  waived: z.array(problem),
  /** As it stands at `at`: what was put right since is not in it. */
  residue: z.array(z.strictObject({ run: z.string(), sentence: z.string() })),
  residueLeftOut: count,
  runs: z.array(runRow),
  /** Of a period: those that did not pass; the newest are shown. */
  runsLeftOut: count,
  measurements: z.array(measurement),
  measurementsLeftOut: count,
  findings: z.array(finding),
  findingsLeftOut: count,
  notTested: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  method: z.array(z.strictObject({ what: z.string(), how: z.string() })),
});

type Schema = z.infer<typeof reportSchema>;
export type Report = Schema;
export type ReportScope = Schema['scope'];
export type Problem = Schema['problems'][number];
export type Held = Schema['held'][number];
export type Expired = Schema['expired'][number];
export type FindingRow = Schema['findings'][number];
export type MeasurementRow = Schema['measurements'][number];
export type RunRow = Schema['runs'][number];
export type Practised = Schema['practised'][number];
