import { z } from 'zod';
import { drillKinds, type Finding, type Measurement, type RunEvent, type RunRecord, type RunSummary } from '../../domain/words.ts';

const instant = z.string().describe('UTC, ISO 8601');

export const verdict = z.enum(['passed', 'failed', 'inconclusive', 'refused', 'aborted', 'error']);
export const trigger = z.enum(['manual', 'schedule', 'api', 'webhook', 'ci']);

const engine = z.object({
  name: z.string(),
  id: z.string().nullable(),
  version: z.string().nullable(),
  environment: z.string().nullable(),
});

const common = {
  id: z.string().describe('A ULID'),
  drill: z.string().nullable(),
  kind: z.string().describe(drillKinds.join(', ')),
  verdict: verdict.nullable().describe('Null while the run goes on'),
  reason: z.string(),
  trigger,
  actor: z.string(),
  engine,
  startedAt: instant,
  endedAt: instant.nullable(),
  durationMs: z.number().nullable(),
};

const measurement: z.ZodType<Measurement> = z.object({
  name: z.string(),
  target: z.string().nullable(),
  value: z.number(),
  unit: z.enum(['ms', 'count', 'ratio', 'bytes']),
  objective: z.union([z.object({ max: z.number() }), z.object({ min: z.number() })]).nullable(),
  met: z.boolean().nullable(),
});

const finding: z.ZodType<Finding> = z.object({
  probe: z.string(),
  title: z.string(),
  target: z.string().nullable(),
  state: z.enum(['holds', 'broken', 'inconclusive', 'not-applicable']),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  evidence: z.string(),
  waivedUntil: z.string().nullable(),
});

const fault = z.object({
  kind: z.string(),
  target: z.string(),
  injectedAt: instant.describe('When its undo was journalled, just before it was done'),
  undoneAt: instant.nullable().describe('When it had been put back; null while it is not, and for what was finished as wanted and stays'),
  effect: z.enum(['proven', 'not-seen']).describe('Whether its effect was read back'),
  undo: z
    .enum(['clean', 'residue', 'unknown'])
    .describe('`clean`: put back and read back, or finished as wanted, with nothing left to undo; `unknown`: neither yet'),
});

const target = z.object({
  id: z.string(),
  name: z.string(),
  service: z.string().nullable(),
  image: z.string(),
  outcome: z.string().nullable(),
  leftOut: z.string().nullable(),
});

const artifact = z.object({ name: z.string(), mediaType: z.string(), sha256: z.string(), bytes: z.number() });

export const runRecord: z.ZodType<RunRecord> = z.object({
  ...common,
  seed: z.string(),
  definition: z.string().describe('sha256:… of the drill file’s text'),
  targets: z.array(target),
  measurements: z.array(measurement),
  findings: z.array(finding),
  evidence: z.array(z.string()),
  faults: z.array(fault).describe('What was done to the world, as the journal has it'),
  artifacts: z.array(artifact),
  residue: z.array(z.string()).describe('What an undo left behind, a sentence each'),
});

export const runSummary: z.ZodType<RunSummary> = z.object({
  ...common,
  targetCount: z.number(),
  exitCode: z.number().nullable(),
});

export const runEvent: z.ZodType<RunEvent> = z.object({
  runId: z.string(),
  seq: z.number().int(),
  at: instant,
  type: z.string(),
  target: z.string().nullable(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).nullable(),
});
