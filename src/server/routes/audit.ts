import { z } from 'zod';
import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { errors } from '../schemas/error.ts';
import { wholeNumber } from '../schemas/params.ts';

const entry = z.object({
  seq: z.number().int(),
  at: z.string().describe('UTC, ISO 8601'),
  who: z.string().describe('The token’s name; `nobody` for an act refused for want of one'),
  role: z.string().describe('Of the token; `local` for the command line, `none` for nobody'),
  act: z.string(),
  object: z.string().nullable(),
  source: z.string(),
  data: z.record(z.string(), z.unknown()).nullable(),
});

export function auditRoutes(app: ApiApp, { audit }: ServerDeps): void {
  app.get('/api/v1/audit', {
    config: { permission: 'administer' },
    schema: {
      operationId: 'listAudit',
      summary: 'Who did what, newest first',
      tags: ['control'],
      querystring: z.strictObject({
        limit: wholeNumber(1, 200).optional().describe('Default 50, at most 200'),
        before: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional().describe('Only entries older than this `seq`'),
      }),
      response: { 200: z.object({ entries: z.array(entry).readonly(), next: z.number().nullable() }), ...errors() },
    },
    handler: async (request) => {
      const { limit = 50, before } = request.query;
      const found = audit.list({ limit: limit + 1, ...(before === undefined ? {} : { before }) });
      const entries = found.slice(0, limit);
      return { entries, next: found.length > limit ? (entries.at(-1)?.seq ?? null) : null };
    },
  });
}
