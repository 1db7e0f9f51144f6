import { z } from 'zod';
import { searchAudit, verifyAuditAside } from '../../access/audit.ts';
import type { Clock } from '../../domain/clock.ts';
import { auditOutcomes } from '../../store/audit-row.ts';
import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { errors } from '../schemas/error.ts';
import { whenInQuery, wholeNumber } from '../schemas/params.ts';

const entry = z.object({
  seq: z.number().int(),
  at: z.string().describe('UTC, ISO 8601'),
  who: z.string().describe('The token’s name; `nobody` for an act refused for want of one'),
  role: z.string().describe('Of the token; `local` for the command line, `none` for nobody'),
  act: z.string(),
  outcome: z.enum(auditOutcomes).describe('An act that was let through and then went wrong has two entries'),
  object: z.string().nullable(),
  source: z.string(),
  data: z.record(z.string(), z.unknown()).nullable(),
});

const listQuery = (clock: Clock) =>
  z.strictObject({
    limit: wholeNumber(1, 200).optional().describe('Default 50, at most 200'),
    before: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional().describe('Only entries older than this `seq`'),
    who: z.string().min(1).max(200).optional().describe('Of this token, or user of the command line'),
    act: z.string().min(1).max(100).optional(),
    outcome: z.enum(auditOutcomes).optional(),
    since: whenInQuery(clock).optional().describe('From then on: a day, an instant, or how long ago'),
    until: whenInQuery(clock).optional().describe('Before then'),
  });

const verdict = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    rows: z.number().int(),
    head: z.string().describe('Hash of the last entry: noted elsewhere, it proves later that the log was not written anew as a whole'),
  }),
  z.object({
    ok: z.literal(false),
    rows: z.number().int().describe('Those before it are whole'),
    seq: z.number().int().describe('The first entry that is not as it was written'),
    problem: z.string(),
  }),
]);

/** Millions of hashes, in small steps. */
const verifyMs = 30 * 60_000;

export function auditRoutes(app: ApiApp, { store, clock }: ServerDeps): void {
  app.get('/api/v1/audit', {
    config: { permission: 'administer' },
    schema: {
      operationId: 'listAudit',
      summary: 'Who did what, newest first',
      description:
        'A page may have fewer entries than asked for, even none, and still have a next one: only so many are looked through at once.',
      tags: ['control'],
      querystring: listQuery(clock),
      response: {
        200: z.object({
          entries: z.array(entry).readonly(),
          next: z.number().nullable().describe('`before` of the next page; null on the last'),
        }),
        ...errors(),
      },
    },
    handler: async (request) => searchAudit(store, request.query),
  });

  app.get('/api/v1/audit/verify', {
    config: { permission: 'administer' },
    handlerTimeout: verifyMs,
    schema: {
      operationId: 'verifyAudit',
      summary: 'Compute every hash of the audit log again: the same as `pitwall audit verify --json`',
      tags: ['control'],
      response: { 200: verdict, ...errors() },
    },
    handler: async () => verifyAuditAside(store),
  });
}
