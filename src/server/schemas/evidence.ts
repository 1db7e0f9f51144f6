import { z } from 'zod';
import { dispositions, type EvidenceCase, expiryPolicies, type Hold, memoryModes } from '../../domain/evidence.ts';
import { trigger } from './run.ts';

const ulid = '[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]';

/** Becomes `ev_` and capitals, which is how they are stored. */
export const evidenceId = z
  .string()
  .regex(new RegExp(`^(ev_)?${ulid}{4,26}$`), 'expected an evidence’s id (ev_ and a ULID) or its beginning, at least 4 characters of it')
  .transform((id) => `ev_${id.replace(/^ev_/, '').toUpperCase()}`)
  .describe('An evidence’s id or its beginning');

export const wholeEvidenceId = z
  .string()
  .regex(new RegExp(`^ev_${ulid}{26}$`), 'expected an evidence’s whole id')
  .transform((id) => `ev_${id.slice(3).toUpperCase()}`);

export const disposition = z.enum(dispositions);
export const expiryPolicy = z.enum(expiryPolicies);
export const memoryMode = z.enum(memoryModes);

const ms = z.number().describe('UTC, ms since 1970');

export const hold: z.ZodType<Hold> = z.object({
  evidenceId: z.string(),
  engine: z.string(),
  engineId: z.string(),
  containerId: z.string(),
  containerName: z.string(),
  state: z.enum(['freezing', 'held', 'quarantined', 'released']),
  foreign: z.boolean().describe('Somebody else had paused it before'),
  since: ms,
  deadline: ms,
  onExpiry: expiryPolicy,
  noticedAt: ms.nullable().describe('When it was last said that it is overdue'),
  endedAt: ms.nullable(),
  ending: z.string().nullable(),
});

export const evidenceCase: z.ZodType<EvidenceCase> = z.object({
  id: z.string(),
  runId: z.string(),
  engine: z.string(),
  engineId: z.string(),
  container: z.object({
    id: z.string(),
    name: z.string(),
    service: z.string().nullable(),
    image: z.string(),
    imageId: z.string(),
    labels: z.record(z.string(), z.string()),
  }),
  state: z.enum(['capturing', 'whole', 'partial', 'pruned']),
  reason: z.string().nullable(),
  actor: z.string(),
  trigger,
  disposition,
  memory: memoryMode,
  requestedAt: ms,
  frozenAt: ms.nullable(),
  sealedAt: ms.nullable(),
  bytes: z.number(),
  coverage: z.number().nullable().describe('0 to 1'),
  seal: z.enum(['intact', 'broken', 'unknown']).nullable(),
  committedImage: z.string().nullable(),
  push: z.object({ state: z.enum(['none', 'pending', 'pushed']), reference: z.string().nullable(), note: z.string().nullable() }),
  prunedAt: ms.nullable(),
  hold: hold.nullable(),
});
