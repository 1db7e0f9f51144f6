import { z } from 'zod';
import type { EvidenceCase } from '../../domain/evidence.ts';
import type { ApiApp } from '../api-app.ts';
import { nameOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { errors } from '../schemas/error.ts';
import { evidenceCase, evidenceId, wholeEvidenceId } from '../schemas/evidence.ts';
import { runId, wholeNumber } from '../schemas/params.ts';

const params = z.object({ id: evidenceId });

const listQuery = z.strictObject({
  limit: wholeNumber(1, 200).optional().describe('Default 50, at most 200'),
  before: wholeEvidenceId.optional().describe('Only evidence older than this: the last id of the page before'),
  state: z.enum(['capturing', 'whole', 'partial', 'pruned']).optional(),
  run: runId.optional().describe('Of this run'),
  held: z.enum(['true', 'false']).optional().describe('true: only where the container is held now'),
  pending: z.enum(['true', 'false']).optional().describe('true: only what waits for the registry'),
});

/** Every hash is computed again, of many GiB perhaps. */
const verifyMs = 30 * 60_000;
/** Over a slow line. */
const downloadMs = 24 * 3_600_000;

/** Evidence holds every secret of the memory: reading it is for responders, and is in the audit log. */
export function evidenceRoutes(app: ApiApp, { store, evidence }: ServerDeps): void {
  app.get('/api/v1/evidence', {
    config: { permission: 'read-evidence' },
    schema: {
      operationId: 'listEvidence',
      summary: 'Evidence, newest first',
      tags: ['evidence'],
      querystring: listQuery,
      response: {
        200: z.object({
          evidence: z.array(evidenceCase).readonly(),
          next: z.string().nullable().describe('`before` of the next page; null on the last'),
        }),
        ...errors(),
      },
    },
    handler: async (request) => {
      const { limit = 50, before, state, run, held, pending } = request.query;
      // Shortened or not: a run that is forgotten by now still has its evidence.
      const ofRun = run === undefined ? undefined : (store.runs.resolve(run) ?? run.toUpperCase());
      const filter = { before, state, runId: ofRun, held: held === 'true', pending: pending === 'true', limit: limit + 1 };
      const found = await evidence.list(filter);
      const page = found.slice(0, limit);
      return { evidence: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
  });

  const part = (path: string, operationId: string, summary: string, action: string, read: (id: string) => Promise<unknown>, ms?: number) =>
    app.get(`/api/v1/evidence/:id${path}`, {
      config: { permission: 'read-evidence', action, scope: 'unlimited', ...(ms === undefined ? {} : { rate: 'acts' as const }) },
      ...(ms === undefined ? {} : { handlerTimeout: ms }),
      schema: { operationId, summary, tags: ['evidence'], params, response: { 200: z.unknown(), ...errors(404, 409, 502) } },
      handler: async (request) => read(findCase(store, request.params.id).id),
    });

  part('', 'getEvidence', 'What it holds: the same as `pitwall evidence show --json`', 'evidence show', (id) => evidence.get(id));
  part('/manifest', 'getManifest', 'The signed statement: every file with its SHA-256', 'evidence manifest', (id) => evidence.manifest(id));
  part('/custody', 'getCustody', 'Who did what with it, and when', 'evidence custody', (id) => evidence.custody(id));
  part(
    '/verify',
    'verifyEvidence',
    'Compute every hash again; check signature and chain: the same as `pitwall evidence verify --json`',
    'evidence verify',
    (id) => evidence.verify(id),
    verifyMs,
  );

  app.get('/api/v1/evidence/:id/download', {
    config: { permission: 'read-evidence', action: 'evidence download', scope: 'unlimited', rate: 'acts' },
    handlerTimeout: downloadMs,
    schema: {
      operationId: 'downloadEvidence',
      summary: 'All of it as one tar, which is checked without Pitwall as its README says',
      tags: ['evidence'],
      params,
      response: {
        200: { description: 'A tar archive', content: { 'application/x-tar': { schema: z.unknown() } } },
        ...errors(404, 409, 502),
      },
    },
    handler: async (request, reply) => {
      const { name, stream } = await evidence.download(findCase(store, request.params.id).id, nameOf(request));
      // Closed at its end, so that a stop need not wait for a client that keeps it.
      return reply
        .header('connection', 'close')
        .header('content-disposition', `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`)
        .type('application/x-tar')
        .send(stream);
    },
  });
}

/** @throws HttpError 404, InvalidError `evidence_ambiguous` for a beginning that several have. */
export function findCase(store: Pick<ServerDeps['store'], 'evidence'>, id: string): EvidenceCase {
  const found = store.evidence.get(id);
  if (found === null) {
    throw new HttpError(404, 'unknown_evidence', `there is no evidence "${id}"`, { hint: 'GET /api/v1/evidence lists it' });
  }
  return found;
}
